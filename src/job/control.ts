import type { Json } from "../model/index.ts";
import { conditionHolds } from "./contexts.ts";
import type { JobRun } from "./state.ts";

/** How long steps that run despite a cancel (`always()`, post steps) can take in total, as on GitHub. */
const tidyUpMs = 5 * 60_000;

/** A running step. */
export interface Running {
  /** Its whole condition; undefined if it runs as long as nothing is cancelled. */
  readonly condition: string | undefined;
  /** The condition's `inputs`, if they are not the workflow's. */
  readonly inputs?: Readonly<Record<string, Json>> | undefined;
  readonly controller: AbortController;
}

/** Ends steps when the job is cancelled or has timed out. */
export class JobControl {
  private readonly job: JobRun;
  private readonly running = new Set<Running>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly onAbort = (): void => this.cancel(undefined);
  private readonly onDropped = (): void => this.endAll();
  /** Even cleanup took too long, or the job belongs to another runner: nothing is started any more. */
  private over = false;
  /** Why the job was ended from outside, if nobody cancelled it. */
  timeout: string | undefined;

  constructor(job: JobRun) {
    this.job = job;
  }

  /** Starts listening for the cancel, and measuring the job's time. */
  begin(): void {
    const { signal, dropped } = this.job.ports;
    const { timeoutMinutes } = this.job.assignment;
    if (signal.aborted) this.onAbort();
    else signal.addEventListener("abort", this.onAbort, { once: true });
    if (dropped?.aborted === true) this.onDropped();
    else dropped?.addEventListener("abort", this.onDropped, { once: true });
    if (timeoutMinutes > 0 && Number.isFinite(timeoutMinutes))
      this.later(timeoutMinutes * 60_000, () =>
        this.cancel(`The job exceeded its timeout of ${timeoutMinutes} minutes.`),
      );
  }

  end(): void {
    this.job.ports.signal.removeEventListener("abort", this.onAbort);
    this.job.ports.dropped?.removeEventListener("abort", this.onDropped);
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Records a step that starts. Ends it at once if nothing may start any more. */
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
    // A step that should run even now (`if: always()`) continues; its condition is evaluated again, as on GitHub.
    for (const running of this.running) void this.endUnlessWanted(running);
    this.later(tidyUpMs, () => this.endAll());
  }

  /** Nothing continues and nothing starts any more. */
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
      // It could be evaluated when the step started; if it no longer can, it does not keep a cancelled job alive.
      return false;
    }
  }

  /** `setTimeout` supports at most 24.8 days: a longer time is effectively unlimited. */
  private later(milliseconds: number, act: () => void): void {
    if (milliseconds > 0x7fff_ffff) return;
    const timer = setTimeout(act, milliseconds);
    timer.unref();
    this.timers.push(timer);
  }
}
