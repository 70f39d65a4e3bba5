import { planOfAttempt } from "../../dialect/index.ts";
import type { Forges } from "../../forge/index.ts";
import { type Assignment, type Plan, SluiceError } from "../../model/index.ts";
import type { JobRow, Store } from "../../store/index.ts";
import type { Runs } from "../../transition/index.ts";

/** A clone token lives as long as its job can, plus some minutes. */
const tokenMargin = 30;

/** Builds what a runner gets to run a job. */
export class Assignments {
  readonly #store: Store;
  readonly #runs: Runs;
  readonly #baseUrl: string;
  readonly #forges: Forges;

  constructor(options: { store: Store; runs: Runs; baseUrl: string; forges: Forges }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#baseUrl = options.baseUrl;
    this.#forges = options.forges;
  }

  /** Rejects with `not-found` if the job is no longer part of its run. */
  async build(row: JobRow): Promise<Assignment> {
    const run = await this.#runs.open(row.runId);
    const plan = run.plans.find((each) => each.workflow === row.workflow);
    const job = plan?.jobs.find((each) => each.id === row.job);
    const repository = await this.#store.repositories.byId(run.repositoryId);
    if (plan === undefined || job === undefined || repository === undefined)
      throw new SluiceError("not-found", `The job ${row.name} is no longer part of run ${run.number}.`);
    const { contexts, timeoutMinutes } = row.detail;
    if (contexts === undefined || timeoutMinutes === undefined)
      throw new SluiceError("conflict", `The job ${row.name} was never queued.`);
    const { attempt } = run.stored.engine;
    return {
      lease: { job: row.id, fence: row.fence },
      run: { id: run.id, number: run.number, attempt, url: `${this.#baseUrl}/runs/${run.id}` },
      repository: run.repository,
      plan: planOfAttempt(withoutJobs(plan), attempt),
      job,
      key: row.key,
      name: row.name,
      contexts,
      secrets: {},
      timeoutMinutes,
      source: await this.#forges.of(repository).source(repository, run.event, timeoutMinutes + tokenMargin),
    };
  }
}

function withoutJobs({ jobs: _jobs, ...plan }: Plan): Omit<Plan, "jobs"> {
  return plan;
}
