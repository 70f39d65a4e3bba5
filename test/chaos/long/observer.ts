import { isTerminal, type RunDetail } from "../../../src/model/index.ts";
import type { Installation } from "../../support/installation.ts";
import type { Violation } from "./oracle.ts";

/** Remembers what the API showed. Ended runs, jobs and steps must not change, and logs must keep their bytes. */
export class Observer {
  readonly #place: Installation;
  readonly #ended = new Map<string, string>();
  readonly #logs = new Map<string, Buffer>();

  constructor(place: Installation) {
    this.#place = place;
  }

  /** Fetches a run and the logs of its running steps. Rejects while the server is down. */
  async look(sha: string): Promise<void> {
    const run = await this.#place.runOf(sha);
    if (run === undefined) return;
    this.see(run);
    for (const job of run.jobs)
      for (const step of job.steps)
        if (step.status === "running")
          this.#logs.set(`${job.id} ${step.index}`, await this.#place.rawLog(job.id, step.index));
  }

  /** Compares a run with what was seen before, and remembers it. */
  see(run: RunDetail): Violation[] {
    const found: Violation[] = [];
    for (const [key, value] of Object.entries(ended(run))) {
      const before = this.#ended.get(key);
      if (before !== undefined && before !== value)
        found.push({
          rule: "end-changed",
          what: `${run.repository}#${run.number} ${key}: ${before} became ${value}`,
          run: run.id,
        });
      this.#ended.set(key, value);
    }
    for (const [key, value] of this.#ended)
      if (key.startsWith(`${run.id} `) && !(key in ended(run)))
        found.push({
          rule: "end-changed",
          what: `${run.repository}#${run.number} ${key}: ${value} is gone`,
          run: run.id,
        });
    return found;
  }

  /** Fetches the logs again that were seen. */
  async logsKept(): Promise<Violation[]> {
    const found: Violation[] = [];
    for (const [key, before] of this.#logs) {
      const [job = "", step] = key.split(" ");
      const now = await this.#place.rawLog(job, Number(step));
      if (!now.subarray(0, before.length).equals(before))
        found.push({
          rule: "log-lost",
          what: `job ${job}, step ${step}: ${before.length} bytes were shown, ${now.length} are left`,
        });
    }
    this.#logs.clear();
    return found;
  }
}

/** The parts of a run that have ended; keys begin with the run's id. */
function ended(run: RunDetail): Record<string, string> {
  const all: Record<string, string> = {};
  if (isTerminal(run.status)) all[`${run.id} run`] = `${run.status} ${run.finishedAt}`;
  for (const job of [...run.jobs, ...run.earlier]) {
    if (isTerminal(job.status))
      all[`${run.id} job ${job.id}`] =
        `${job.name} ${job.attempt} ${job.status} ${job.finishedAt} ${JSON.stringify(job.outputs)}`;
    for (const step of job.steps)
      if (isTerminal(step.status)) all[`${run.id} step ${job.id} ${step.index}`] = `${step.status} ${step.exitCode}`;
  }
  return all;
}
