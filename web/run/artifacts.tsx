import type { RunDetail } from "../api/types.ts";
import { artifactAddress } from "../api/client.ts";
import { bytes } from "../parts/duration.ts";
import { Section } from "../parts/notice.tsx";

/** Files that the run produced. */
export function Artifacts({ run }: { run: RunDetail }) {
  if (run.artifacts.length === 0) return null;
  const names = new Map([...run.jobs, ...run.earlier].map((job) => [job.id, job.name]));
  return (
    <Section title="Artifacts" count={run.artifacts.length}>
      <ul>
        {run.artifacts.map((artifact) => (
          <li
            key={artifact.id}
            className="row-line row-hover grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-1 py-1 text-sm md:grid-cols-[minmax(0,3fr)_minmax(0,3fr)_88px_160px]"
          >
            <a href={artifactAddress(artifact.id)} download className="link truncate text-base">
              {artifact.name}
            </a>
            <span className="truncate text-muted max-md:hidden">{names.get(artifact.job)}</span>
            <span className="text-right text-muted">{bytes(artifact.bytes)}</span>
            <span className="text-right text-faint max-md:hidden">
              kept until{" "}
              <time dateTime={artifact.expiresAt}>
                {new Date(artifact.expiresAt).toLocaleDateString(undefined, { day: "numeric", month: "short" })}
              </time>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
