import {
  type Effect,
  type EngineInput,
  type GroupChange,
  type GroupState,
  type RunState,
  enterGroup,
  leaveGroup,
} from "../../engine/index.ts";

/** The concurrency groups of one local run. Only its own jobs and workflows exclude each other. */
export class LocalGroups {
  private readonly groups = new Map<string, GroupState>();

  /** Performs a `group.enter` or `group.leave`; returns the inputs for the engine. */
  perform(effect: Extract<Effect, { type: "group.enter" | "group.leave" }>, state: RunState): readonly EngineInput[] {
    const before = this.groups.get(effect.group);
    const change = effect.type === "group.enter" ? enterGroup(before, effect) : leaveGroup(before, effect.holder);
    if (change.state === undefined) this.groups.delete(effect.group);
    else this.groups.set(effect.group, change.state);
    return inputs(change, effect.group, state);
  }
}

function inputs(change: GroupChange, group: string, state: RunState): readonly EngineInput[] {
  const reason = `replaced by a newer one in concurrency group ${group}`;
  const cancels = change.cancel.map((holder): EngineInput => {
    const workflow = state.workflows.find((each) => each.holder?.id === holder);
    if (workflow !== undefined) return { type: "cancel", reason, workflow: workflow.workflow };
    const job = state.jobs.find((each) => each.holder?.id === holder);
    return { type: "cancel", reason, key: job?.key ?? holder };
  });
  return [...cancels, ...change.granted.map((holder): EngineInput => ({ type: "group.granted", holder }))];
}
