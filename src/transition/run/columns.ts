import type { RunState } from "../../engine/index.ts";
import { isTerminal, type Plan, type RunStatus, type Wait } from "../../model/index.ts";
import type { RunChange, WorkflowRow } from "../../store/index.ts";
import type { StoredRun } from "./state.ts";

/** The columns of the run itself. */
export function runFields(
  plans: readonly Plan[],
  before: RunState | undefined,
  stored: StoredRun,
  now: number,
): RunChange["run"] {
  const { engine, broken } = stored;
  const same = engine.workflows.every(({ status }, index) => before?.workflows[index]?.status === status);
  const status = overall(stored);
  return {
    status,
    attempt: engine.attempt,
    ...(same && before !== undefined ? {} : { workflows: [...workflowRows(plans, engine), ...broken] }),
    wait: waitOf(engine, status) ?? null,
    // A re-run starts over: its time is that of the newest attempt.
    ...(started(engine) && (before === undefined || !started(before) || before.attempt !== engine.attempt)
      ? { startedAt: now }
      : {}),
    ...(isTerminal(status) ? { finishedAt: now } : {}),
  };
}

function workflowRows(plans: readonly Plan[], engine: RunState): readonly WorkflowRow[] {
  return engine.workflows.map(({ workflow, status }) => {
    const plan = plans.find((each) => each.workflow === workflow);
    const { name = workflow, runName, source, dialect = "actions" } = plan ?? {};
    return {
      workflow,
      name,
      ...(runName === undefined ? {} : { runName }),
      ...(source && { path: source.path }),
      dialect,
      status,
    };
  });
}

/** The run's state: files that do not compile fail it once everything else has ended. */
export function overall({ engine, broken }: StoredRun): RunStatus {
  return broken.length > 0 && isTerminal(engine.status) ? "failure" : engine.status;
}

/** Whether the page shows both alike, apart from their jobs. */
export function looksSame(left: StoredRun, right: StoredRun): boolean {
  if (left.engine === right.engine) return true;
  const status = overall(left);
  return (
    status === overall(right) &&
    left.engine.attempt === right.engine.attempt &&
    started(left.engine) === started(right.engine) &&
    // The engine leaves a wait that is as before the same object.
    waitOf(left.engine, status) === waitOf(right.engine, status) &&
    left.engine.workflows.every((each, index) => each.status === right.engine.workflows[index]?.status)
  );
}

function started(state: RunState): boolean {
  return (
    state.attempt > 1 ||
    state.jobs.some((job) => job.status === "running" || (isTerminal(job.status) && job.status !== "skipped"))
  );
}

function waitOf(state: RunState, status: RunStatus): Wait | undefined {
  if (status !== "pending" && status !== "blocked") return undefined;
  return (
    state.workflows.find((each) => each.wait !== undefined)?.wait ??
    state.jobs.find((each) => each.wait !== undefined)?.wait
  );
}
