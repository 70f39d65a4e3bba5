import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { repositoriesQuery, sessionQuery } from "../api/queries.ts";
import type { Repository } from "../api/types.ts";
import { Copy } from "../parts/copy.tsx";
import { Loading, Trouble } from "../parts/notice.tsx";
import { Ago } from "../parts/time.tsx";
import { Page } from "../shell/page.tsx";
import { Glyph } from "../state/glyph.tsx";
import { Dispatch } from "./dispatch.tsx";
import { PushHint } from "./push-hint.tsx";

export function RepositoriesPage() {
  const repositories = useQuery(repositoriesQuery);
  const mayStart = useQuery(sessionQuery).data?.role !== "viewer";
  const [dispatching, setDispatching] = useState<Repository>();
  return (
    <Page title="Repositories">
      {repositories.error && <Trouble error={repositories.error} retry={() => void repositories.refetch()} />}
      {repositories.isPending && <Loading />}
      {repositories.data?.length === 0 && <PushHint title="No repositories yet." />}
      {repositories.data && repositories.data.length > 0 && (
        <ul className="border-t border-edge">
          {repositories.data.map((repository) => (
            <li
              key={repository.id}
              className="row-line row-hover grid min-h-9 grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-x-3 px-1 py-1 md:grid-cols-[16px_minmax(0,2fr)_minmax(0,3fr)_96px_96px_72px]"
            >
              {repository.lastRun ? <Glyph state={repository.lastRun.status} /> : <span className="text-center text-faint">·</span>}
              <Link to="/runs" search={{ repository: repository.name }} className="quiet-link truncate py-0.5 font-medium">
                {repository.name}
              </Link>
              <span className="min-w-0 max-md:col-start-2 max-md:col-end-4 max-md:row-start-2">
                <Copy text={repository.cloneUrl} label="Clone address" className="block max-w-full truncate py-1 text-xs! text-muted" />
              </span>
              <span className="text-sm max-md:hidden">
                {repository.lastRun ? (
                  <Link to="/runs/$run" params={{ run: repository.lastRun.id }} className="link">
                    run {repository.lastRun.number}
                  </Link>
                ) : (
                  <span className="text-faint">never ran</span>
                )}
              </span>
              <Ago at={repository.createdAt} className="text-sm text-muted max-md:hidden" />
              <button type="button" className="tool justify-self-end" disabled={!mayStart} title={mayStart ? `Start a workflow of ${repository.name} by hand` : "Your token may only look."} onClick={() => setDispatching(repository)}>
                run
              </button>
            </li>
          ))}
        </ul>
      )}
      {dispatching && <Dispatch repository={dispatching} onClose={() => setDispatching(undefined)} />}
    </Page>
  );
}
