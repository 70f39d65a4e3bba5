import * as z from "zod";
import {
  enterGroup,
  type Effect,
  type EngineInput,
  type GroupChange,
  type GroupState,
  holderTarget,
  leaveGroup,
} from "../../engine/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { Store } from "../../store/index.ts";
import type { OpenRun, RunService } from "./runs.ts";
import { Serial } from "./serial.ts";

type Enter = Extract<Effect, { type: "group.enter" }>;
const attempts = 8;

const members = z.array(
  z.object({ holder: z.string(), limit: z.number().int().positive(), cancelInProgress: z.boolean() }),
);

/** For reading a stored group back. */
export const groupStateSchema: z.ZodType<GroupState> = z.object({ holders: members, queue: members });

/** Keeps the concurrency groups of repositories: lets runs in, one after the other, and stops those that must give way. */
export class GroupService {
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #start: (what: string, work: () => Promise<unknown>) => void;
  readonly #serial = new Serial();

  constructor(options: {
    store: Store;
    runs: RunService;
    start: (what: string, work: () => Promise<unknown>) => void;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#start = options.start;
  }

  /** Carries out a run's group effects, after its commit, in their order. */
  carryOut(run: Pick<OpenRun, "id" | "repositoryId">, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "group.enter") this.#start("a concurrency group", () => this.#enter(run, effect));
      else if (effect.type === "group.leave")
        this.#start("a concurrency group", () =>
          this.#leave(run.repositoryId, effect.group, holderOf(run.id, effect.holder)),
        );
    }
  }

  /**
   * After a start: what was committed and not carried out is done now. Places of runs that have ended are given
   * back, and everybody who waits asks again.
   */
  async recover(): Promise<void> {
    const open = new Map((await this.#store.runs.open()).map((row) => [row.id, row]));
    const wanted = new Map<string, { readonly run: OpenRun; readonly holder: string; readonly group: string }>();
    for (const id of open.keys()) {
      const run = await this.#runs.open(id);
      for (const { holder } of [...run.stored.engine.workflows, ...run.stored.engine.jobs]) {
        if (holder !== undefined) wanted.set(holderOf(id, holder.id), { run, holder: holder.id, group: holder.group });
      }
    }
    for (const { repositoryId, group, state } of await this.#store.groups.list()) {
      const { holders, queue } = groupStateSchema.parse(state);
      for (const { holder } of [...holders, ...queue])
        if (!wanted.has(holder)) await this.#leave(repositoryId, group, holder);
      // Admitted, or asked to give way, but the run was not told before the stop.
      for (const { holder } of holders) if (wanted.has(holder)) await this.#grant(repositoryId, group, holder);
      if (queue.some((member) => member.cancelInProgress && wanted.has(member.holder))) {
        for (const { holder } of holders) if (wanted.has(holder)) await this.#stopOnce(group, holder);
      }
    }
    for (const { run, holder } of wanted.values()) {
      const effect = waitingEffect(run, holder);
      if (effect !== undefined) await this.#enter(run, effect);
    }
  }

  #enter(run: Pick<OpenRun, "id" | "repositoryId">, effect: Enter): Promise<void> {
    const { holder, group, cancelInProgress, limit } = effect;
    return this.#change(run.repositoryId, group, (state) =>
      enterGroup(state, { holder: holderOf(run.id, holder), cancelInProgress, limit }),
    );
  }

  #leave(repositoryId: string, group: string, holder: string): Promise<void> {
    return this.#change(repositoryId, group, (state) => leaveGroup(state, holder));
  }

  async #change(
    repositoryId: string,
    group: string,
    step: (state: GroupState | undefined) => GroupChange,
  ): Promise<void> {
    const { granted, cancel } = await this.#serial.run(`${repositoryId} ${group}`, () =>
      this.#save(repositoryId, group, step),
    );
    for (const holder of cancel) this.#start("giving way in a concurrency group", () => this.#stop(group, holder));
    for (const holder of granted)
      this.#start("entering a concurrency group", () => this.#grant(repositoryId, group, holder));
  }

  async #save(
    repositoryId: string,
    group: string,
    step: (state: GroupState | undefined) => GroupChange,
  ): Promise<GroupChange> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const found = await this.#store.groups.state(repositoryId, group);
      const change = step(found === undefined ? undefined : groupStateSchema.parse(found.state));
      const state =
        change.state === undefined ? null : { holders: [...change.state.holders], queue: [...change.state.queue] };
      if (await this.#store.groups.save(repositoryId, group, state, found?.version ?? 0)) return change;
    }
    throw new SluiceError("unavailable", `The concurrency group ${group} is changed by somebody else again and again.`);
  }

  async #grant(repositoryId: string, group: string, member: string): Promise<void> {
    const [runId, holder] = partsOf(member);
    const granted = await this.#runs.advance(runId, { type: "group.granted", holder }).catch(gone);
    if (granted === undefined) return this.#leave(repositoryId, group, member);
    const { after } = granted;
    // It ended meanwhile, and its leaving came before the grant.
    const holds = [...after.stored.engine.workflows, ...after.stored.engine.jobs].some(
      (each) => each.holder?.id === holder,
    );
    return holds ? undefined : this.#leave(repositoryId, group, member);
  }

  /** A second cancel would also stop what goes on after the first. */
  async #stopOnce(group: string, member: string): Promise<void> {
    const [runId, holder] = partsOf(member);
    const { workflows, jobs } = (await this.#runs.open(runId)).stored.engine;
    const told =
      workflows.some((each) => each.holder?.id === holder && each.cancelled) ||
      jobs.some((each) => each.holder?.id === holder && each.cancelling);
    return told ? undefined : this.#stop(group, member);
  }

  async #stop(group: string, member: string): Promise<void> {
    const [runId, holder] = partsOf(member);
    const target = holderTarget(holder);
    if (target === undefined) return;
    const cancel: EngineInput = {
      type: "cancel",
      reason: `a newer one took the concurrency group ${group}`,
      ...target,
    };
    await this.#runs.advance(runId, cancel).catch(gone);
  }
}

/** A run that was removed holds nothing and waits for nothing. */
function gone(error: unknown): undefined {
  if (error instanceof SluiceError && error.code === "not-found") return undefined;
  throw error;
}

/** Places are told apart by run: the engine knows only one. */
function holderOf(runId: string, holder: string): string {
  return `${runId}/${holder}`;
}

/** The run and the holder that a member stands for. */
export function partsOf(member: string): readonly [run: string, holder: string] {
  const slash = member.indexOf("/");
  return [member.slice(0, slash), member.slice(slash + 1)];
}

/** The request of a holder that waits for its group. A place that was asked for is asked for again without harm. */
function waitingEffect({ plans, stored }: OpenRun, holder: string): Enter | undefined {
  const workflow = stored.engine.workflows.find((each) => each.stage === "group" && each.holder?.id === holder);
  if (workflow?.holder !== undefined) {
    const limit = plans.find((plan) => plan.workflow === workflow.workflow)?.concurrency?.limit ?? 1;
    return { type: "group.enter", holder, group: workflow.holder.group, cancelInProgress: false, limit };
  }
  const job = stored.engine.jobs.find((each) => each.stage === "group" && each.holder?.id === holder);
  if (job?.holder === undefined) return undefined;
  return {
    type: "group.enter",
    holder,
    group: job.holder.group,
    cancelInProgress: job.settings?.group?.cancelInProgress ?? false,
    limit: job.settings?.group?.limit ?? 1,
  };
}
