import { holderTarget } from "../../engine/index.ts";
import type { GroupWait } from "../../model/index.ts";
import type { JobRow, Store } from "../../store/index.ts";
import { groupStateSchema, partsOf } from "../../transition/index.ts";
import { ordinal } from "./queue.ts";

/** A run that waits in a concurrency group: with one workflow, or with one job. */
export interface GroupMember {
  readonly runId: string;
  readonly target: ReturnType<typeof holderTarget>;
  readonly wait: GroupWait;
}

/** Everybody who waits in a concurrency group, with the runs that hold it, in the order in which each group admits them. */
export async function groupMembers(store: Store): Promise<readonly GroupMember[]> {
  const members: GroupMember[] = [];
  for (const { group, state } of await store.groups.list()) {
    const { holders, queue } = groupStateSchema.parse(state);
    if (queue.length === 0) continue;
    const ids = new Set(holders.map(({ holder }) => partsOf(holder)[0]));
    const rows = await Promise.all([...ids].map((id) => store.runs.byId(id)));
    const heldBy = rows.filter((row) => row !== undefined).map(({ id, number, title }) => ({ id, number, title }));
    for (const [index, { holder }] of queue.entries()) {
      const [runId, id] = partsOf(holder);
      members.push({ runId, target: holderTarget(id), wait: { name: group, place: index + 1, heldBy } });
    }
  }
  return members;
}

/** The group that keeps a job from starting: its own, or that of its workflow. */
export function groupOfJob(
  members: readonly GroupMember[],
  job: Pick<JobRow, "runId" | "key" | "workflow">,
): GroupWait | undefined {
  const mine = members.filter(({ runId }) => runId === job.runId);
  const found = mine.find(
    ({ target }) =>
      target !== undefined && ("key" in target ? target.key === job.key : target.workflow === job.workflow),
  );
  return found?.wait;
}

/** `concurrency group production, held by run 7; 2nd in the queue`. */
export function groupText({ name, place, heldBy }: GroupWait): string {
  const held = heldBy.map(({ number }) => String(number));
  const by = held.length === 0 ? "" : `, held by ${held.length === 1 ? "run" : "runs"} ${held.join(", ")}`;
  return `concurrency group ${name}${by}; ${ordinal(place)} in the queue`;
}
