import pLimit from "p-limit";
import type { StepPlan } from "../model/index.ts";
import type { StepLog } from "./output/log.ts";
import type { Ending, Frame, JobRun, StepResult, WaitsAndCancels } from "./state.ts";

/** How many run at once; the others queue. */
const mostAtOnce = 10;

/** A step that was started and not waited for. */
interface Entry {
  readonly name: string;
  readonly done: Promise<StepResult>;
  /** Merges what it set into the job. */
  merge(): void;
  stop(): void;
  result?: StepResult;
  /** Its failure has failed another step, or does not count. */
  counted: boolean;
  /** The author cancelled it. */
  stopped: boolean;
}

/**
 * The steps of a job that run beside the others:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsbackground The job
 * receives what they set, and their failure, when it waits for them, or at its end.
 */
export class BackgroundSteps implements WaitsAndCancels {
  readonly #entries = new Map<string, Entry>();
  readonly #inTurn = pLimit(mostAtOnce);

  /** Starts a step, at once while fewer than ten run. @param run runs it in the frame that it receives. */
  start(
    job: JobRun,
    step: StepPlan,
    parts: { readonly name: string; readonly controller: AbortController; run(frame: Frame): Promise<StepResult> },
  ): void {
    const { frame, merge } = separateFrame(job, step);
    const done = this.#inTurn(() => parts.run(frame));
    const entry: Entry = {
      name: parts.name,
      done,
      merge,
      stop: () => parts.controller.abort(),
      counted: false,
      stopped: false,
    };
    this.#entries.set(step.id, entry);
  }

  /** Waits for steps, or for all that no step has waited for. Fails if one of them has failed. */
  async wait(log: StepLog, ids: readonly string[] | "all"): Promise<Ending> {
    const entries = ids === "all" ? [...this.#entries.values()].filter((entry) => !entry.counted) : this.#named(ids);
    await this.#settle(entries);
    for (const entry of entries) {
      entry.counted = true;
      log.line(`${entry.name}: ${describeEnd(entry)}`);
    }
    const failed = entries.filter(hasFailed);
    if (failed.length > 0) return { status: "failure", reason: `failed: ${failed.map(({ name }) => name).join(", ")}` };
    return { status: "success" };
  }

  /** Cancels steps. Being cancelled does not count; an earlier failure does, at the end of the job. */
  async cancel(log: StepLog, ids: readonly string[]): Promise<Ending> {
    const entries = this.#named(ids);
    for (const entry of entries) {
      entry.stopped = true;
      entry.stop();
    }
    await this.#settle(entries);
    for (const entry of entries) log.line(`${entry.name}: ${describeEnd(entry)}`);
    return { status: "success" };
  }

  /**
   * Waits for what is left, at the end of the job's steps. Returns true if one has failed that no other step has
   * reported.
   */
  async end(): Promise<boolean> {
    const entries = [...this.#entries.values()];
    await this.#settle(entries);
    return entries.some((entry) => !entry.counted && hasFailed(entry));
  }

  #named(ids: readonly string[]): readonly Entry[] {
    return ids.flatMap((id) => this.#entries.get(id) ?? []);
  }

  async #settle(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) entry.result = await entry.done;
    for (const entry of entries) entry.merge();
  }
}

function hasFailed({ result }: Entry): boolean {
  return result?.status === "failure" && !result.allowed;
}

function describeEnd({ result, stopped }: Entry): string {
  if (stopped && result?.status === "cancelled") return "stopped";
  return result?.allowed === true ? "failure, which does not count" : (result?.status ?? "skipped");
}

/**
 * A frame like the job's, with its own variables, search path and `steps` until `merge` brings its changes to the job.
 */
function separateFrame(job: JobRun, step: StepPlan): { readonly frame: Frame; merge(): void } {
  const { path } = job;
  const env = { ...job.env };
  const own: JobRun = { ...job, env: { ...env }, path };
  const frame: Frame = { ...job.frame, job: own, steps: { ...job.frame.steps } };
  let merged = false;
  const merge = (): void => {
    if (merged) return;
    merged = true;
    for (const [name, value] of Object.entries(own.env)) if (env[name] !== value) job.env[name] = value;
    const added = own.path.filter((folder) => !path.includes(folder));
    job.path = [...added, ...job.path.filter((folder) => !added.includes(folder))];
    const outcome = frame.steps[step.id];
    if (outcome !== undefined) job.frame.steps[step.id] = outcome;
  };
  return { frame, merge };
}
