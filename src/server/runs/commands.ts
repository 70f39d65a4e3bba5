import { isTerminal, SluiceError } from "../../model/index.ts";
import type { AuditEntry, Store } from "../../store/index.ts";
import type { OpenRun, Runs } from "../../transition/index.ts";

/** What people do to runs. Each action is one transaction with its audit entry. `by` is the user's name. */
export class RunCommands {
  readonly #store: Store;
  readonly #runs: Runs;
  readonly #now: () => number;

  constructor(options: { readonly store: Store; readonly runs: Runs; readonly now: () => number }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#now = options.now;
  }

  /**
   * Cancels a run; a second cancel also stops what continued after the first. Rejects with `not-found`, or with
   * `conflict` if it has ended.
   */
  async cancelRun(id: string, by: string): Promise<void> {
    const { before } = await this.#runs.change(id, (run) => {
      if (isTerminal(run.stored.engine.status)) return {};
      const audit = this.#entry(run, by, "run.cancel", { run: id });
      return { inputs: [{ type: "cancel", reason: `cancelled by ${by}` }], effects: () => ({ audit: [audit] }) };
    });
    if (isTerminal(before.status)) throw new SluiceError("conflict", "The run has already ended.");
  }

  /** Cancels one job. Rejects with `not-found`, or with `conflict` if it has ended. */
  async cancelJob(id: string, by: string): Promise<void> {
    const row = await this.#store.jobs.byId(id);
    if (row === undefined) throw new SluiceError("not-found", `No job ${id}.`);
    const { key, runId, name } = row;
    const { written } = await this.#runs.change(runId, async (run) => {
      const current = await this.#store.jobs.byId(id);
      if (run.stored.rows[key] !== id || current === undefined || isTerminal(current.status)) return {};
      const audit = this.#entry(run, by, "job.cancel", { run: runId, job: id, name });
      return { inputs: [{ type: "cancel", reason: `cancelled by ${by}`, key }], effects: () => ({ audit: [audit] }) };
    });
    if (!written) throw new SluiceError("conflict", "The job has already ended.");
  }

  /**
   * Re-runs everything, or what failed and its dependents. Rejects with `not-found`, or with `conflict` if there is
   * nothing to re-run.
   */
  async rerun(id: string, mode: "all" | "failed", by: string): Promise<void> {
    const { before, after } = await this.#runs.change(id, (run) => ({
      inputs: [{ type: "rerun", mode }],
      effects: ({ attempt }) => {
        if (attempt === run.stored.engine.attempt) return {};
        return { audit: [this.#entry(run, by, "run.rerun", { run: id, mode, attempt })] };
      },
    }));
    if (before.attempt !== after.stored.engine.attempt) return;
    throw new SluiceError(
      "conflict",
      mode === "all" ? "The run has not ended, or has nothing to run." : "Nothing in the run failed.",
    );
  }

  #entry(run: OpenRun, actor: string, action: string, detail: AuditEntry["detail"]): AuditEntry {
    return { at: this.#now(), actor, action, subject: `${run.repository}#${run.number}`, detail };
  }
}
