import { useRef } from "react";
import type { Job, Step } from "../api/types.ts";
import { Took } from "../parts/time.tsx";
import { Glyph } from "../state/glyph.tsx";
import { isOver, stepState } from "../state/state.ts";

interface StepListProps {
  readonly job: Job;
  readonly chosen: number | undefined;
  readonly onChoose: (step: number) => void;
}

/** The steps in order: a column on a desktop, a collapsible line on a phone. */
export function StepList({ job, chosen, onChoose }: StepListProps) {
  const details = useRef<HTMLDetailsElement>(null);
  const step = job.steps.find((each) => each.index === chosen);
  const choose = (index: number): void => {
    if (details.current) details.current.open = false;
    onChoose(index);
  };
  const list = (
    <ol>
      {job.steps.map((each) => (
        <li key={each.index}>
          <StepButton step={each} after={afterOf(each, job)} chosen={each.index === chosen} onChoose={choose} />
        </li>
      ))}
    </ol>
  );
  return (
    <>
      <nav aria-label="Steps" className="w-64 shrink-0 overflow-y-auto border-r border-line py-1 max-md:hidden lg:w-72">
        {list}
      </nav>
      {step && (
        <nav aria-label="Steps" className="shrink-0 border-b border-line md:hidden">
          <details ref={details} className="group">
            <summary className="flex h-10 cursor-pointer list-none items-center gap-2.5 px-3 text-sm -outline-offset-2!">
              <Glyph state={stepState(step)} />
              <span className="truncate">{step.name}</span>
              <span className="ml-auto shrink-0 text-xs text-muted">
                step {job.steps.indexOf(step) + 1} of {job.steps.length}
              </span>
              <svg
                width="10"
                height="10"
                viewBox="0 0 10 10"
                aria-hidden="true"
                className="shrink-0 text-faint group-open:rotate-180"
              >
                <path d="M1 3l4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.6" />
              </svg>
            </summary>
            <div className="max-h-[50dvh] overflow-y-auto border-t border-line pb-1">{list}</div>
          </details>
        </nav>
      )}
    </>
  );
}

/** For a step graph: which steps a step needs, and until it starts, which of them are unfinished. */
function afterOf({ needs, status }: Step, { steps }: Job): string | undefined {
  if (needs === undefined || needs.length === 0) return undefined;
  const before = steps.filter((each) => needs.includes(each.index));
  const open = before.filter((each) => !isOver(each.status));
  const named = status === "pending" && open.length > 0 ? open : before;
  return `${named === open ? "waits for" : "after"} ${named.map((each) => each.name).join(", ")}`;
}

function StepButton({
  step,
  after,
  chosen,
  onChoose,
}: {
  step: Step;
  after: string | undefined;
  chosen: boolean;
  onChoose: (step: number) => void;
}) {
  const state = stepState(step);
  return (
    <button
      type="button"
      aria-current={chosen ? "step" : undefined}
      title={step.reason ?? (state === "allowed" ? "Failed, but the failure does not count." : undefined)}
      onClick={() => onChoose(step.index)}
      className="flex min-h-9 w-full items-center gap-2.5 px-3 text-left text-sm -outline-offset-2! hover:bg-raised aria-[current=step]:bg-raised aria-[current=step]:shadow-[inset_2px_0_0_var(--color-accent)] md:pl-5"
    >
      <Glyph state={state} />
      <span className="min-w-0 py-1">
        <span
          className={`block truncate ${step.status === "skipped" || step.status === "pending" ? "text-muted" : ""}`}
        >
          {step.name}
        </span>
        {after !== undefined && (
          <span className="block truncate text-xs text-faint" title={after}>
            {after}
          </span>
        )}
      </span>
      <span className="ml-auto shrink-0 text-xs text-muted">
        {step.exitCode !== undefined && step.exitCode !== 0 && <span className="mr-2">exit {step.exitCode}</span>}
        <Took from={step.startedAt} to={step.finishedAt} />
      </span>
    </button>
  );
}
