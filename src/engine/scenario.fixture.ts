import type { Expression, JobPlan, JobResult, JobStatus, Plan } from "../model/index.ts";
import { advance, createRun } from "./advance.ts";
import type { Effect, EngineInput, JobState, RunState } from "./port.ts";

/** An expression, for plans in tests. */
export function expr($expr: string): Expression {
  return { $expr };
}

/** A job plan; `needs` as names. */
export function job(
  id: string,
  more: Partial<Omit<JobPlan, "needs">> & { readonly needs?: readonly string[] } = {},
): JobPlan {
  const { needs = [], ...rest } = more;
  return {
    id,
    runsOn: "linux",
    services: [],
    env: {},
    steps: [],
    outputs: {},
    ...rest,
    needs: needs.map((name) => ({ job: name, required: true })),
  };
}

/** A workflow plan. */
export function plan(workflow: string, jobs: readonly JobPlan[], more: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    dialect: "actions",
    workflow,
    name: workflow,
    source: { path: workflow, sha: "0".repeat(40) },
    needs: [],
    env: {},
    systemEnv: {},
    contexts: { github: { ref: "refs/heads/main" }, inputs: {}, vars: {} },
    jobs,
    ...more,
  };
}

/** Drives a run in tests; records the state and all effects. */
export class Scenario {
  readonly plans: readonly Plan[];
  state: RunState;
  effects: readonly Effect[];
  /** Effects of the last input. */
  latest: readonly Effect[];

  constructor(...plans: readonly Plan[]) {
    this.plans = plans;
    const { state, effects } = createRun(plans);
    this.state = state;
    this.effects = effects;
    this.latest = effects;
  }

  send(input: EngineInput): this {
    const { state, effects } = advance(this.plans, this.state, input);
    this.state = state;
    this.effects = [...this.effects, ...effects];
    this.latest = effects;
    return this;
  }

  job(key: string): JobState {
    const found = this.state.jobs.find((each) => each.key === key || each.key.endsWith(`/${key}`));
    if (found === undefined)
      throw new Error(`no job ${key} among ${this.state.jobs.map((each) => each.key).join(", ")}`);
    return found;
  }

  start(...keys: readonly string[]): this {
    for (const name of keys) {
      const { key, attempt } = this.job(name);
      this.send({ type: "job.started", key, attempt });
    }
    return this;
  }

  end(name: string, status: JobResult = "success", outputs: Readonly<Record<string, string>> = {}): this {
    const { key, attempt } = this.job(name);
    return this.send({ type: "job.finished", key, attempt, status, outputs });
  }

  lose(name: string): this {
    const { key, attempt } = this.job(name);
    return this.send({ type: "job.lost", key, attempt, reason: "its runner died" });
  }

  cancel(more: { readonly workflow?: string; readonly key?: string } = {}): this {
    return this.send({ type: "cancel", reason: "cancelled by ann", ...more });
  }

  /** Status of every job by its key, without the workflow. */
  get jobs(): Readonly<Record<string, JobStatus>> {
    return Object.fromEntries(this.state.jobs.map((each) => [each.key.slice(each.workflow.length + 1), each.status]));
  }

  queued(key: string): Extract<Effect, { type: "job.queued" }> {
    const found = this.effects.findLast((effect) => effect.type === "job.queued" && effect.key.endsWith(`/${key}`));
    if (found?.type !== "job.queued") throw new Error(`${key} was never queued`);
    return found;
  }
}
