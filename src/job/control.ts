import type { Json } from "../model/index.ts";
import { conditionHolds } from "./contexts.ts";
import type { JobRun } from "./state.ts";

/** How long steps that run in spite of a cancel (`always()`, post steps) may take in all, as on GitHub. */
const tidyUpMs = 5 * 60_000;

/** A step that runs just now. */
export interface Running {
  /** Its whole condition; undefined for one that is wanted as long as nothing is cancelled. */
  readonly condition: string | undefined;
  /** What the condition sees as `inputs`, where those are not the workflow's. */
  readonly inputs?: Readonly<Record<string, Json>> | undefined;
  readonly controller: AbortController;
}

/** Ends steps when the job is cancelled or has run out of time. */
export class JobControl {
  private readonly job: JobRun;
  private readonly running = new Set<Running>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly onAbort = (): void => this.cancel(undefined);
  private readonly onDropped = (): void => this.endAll();
  /** True when even tidying up took too long, or the job is somebody else's: nothing is started any more. */
  private over = false;
  /** Why the job was ended from outside, when it was not somebody's wish. */
  timeout: string | undefined;

  constructor(job: JobRun) {
    this.job = job;
  }

  /** Begins to listen for the cancel, and to measure the job's time. */
  begin(): void {
    const { signal, dropped } = this.job.ports;
    const { timeoutMinutes } = this.job.assignment;
    if (signal.aborted) this.onAbort();
    else signal.addEventListener("abort", this.onAbort, { once: true });
    if (dropped?.aborted === true) this.onDropped();
    else dropped?.addEventListener("abort", this.onDropped, { once: true });
    if (timeoutMinutes > 0 && Number.isFinite(timeoutMinutes))
      this.later(timeoutMinutes * 60_000, () => this.cancel(`The job took longer than its ${timeoutMinutes} minutes.`));
  }

  end(): void {
    this.job.ports.signal.removeEventListener("abort", this.onAbort);
    this.job.ports.dropped?.removeEventListener("abort", this.onDropped);
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Notes a step that begins. Ended at once when nothing may begin any more. */
  enter(running: Running): void {
    this.running.add(running);
    if (this.over) running.controller.abort();
  }

  leave(running: Running): void {
    this.running.delete(running);
  }

  private cancel(timeout: string | undefined): void {
    if (this.job.frame.status === "cancelled") return;
    this.timeout = timeout;
    this.job.frame.status = "cancelled";
    // A step that is wanted even now (`if: always()`) goes on; its condition is asked again, as GitHub does.
    for (const running of this.running) void this.endUnlessWanted(running);
    this.later(tidyUpMs, () => this.endAll());
  }

  /** Nothing goes on and nothing begins any more. */
  private endAll(): void {
    this.over = true;
    for (const running of this.running) running.controller.abort();
  }

  private async endUnlessWanted(running: Running): Promise<void> {
    if (!(await this.isWanted(running))) running.controller.abort();
  }

  private async isWanted({ condition, inputs }: Running): Promise<boolean> {
    if (condition === undefined) return false;
    try {
      return await conditionHolds(this.job.frame, condition, inputs);
    } catch {
      // It could be evaluated when the step began; one that cannot any more does not keep a cancelled job alive.
      return false;
    }
  }

  /** `setTimeout` takes 24.8 days at most: a longer time is as good as none. */
  private later(milliseconds: number, act: () => void): void {
    if (milliseconds > 0x7fff_ffff) return;
    const timer = setTimeout(act, milliseconds);
    timer.unref();
    this.timers.push(timer);
  }
}
