import { holderTarget } from "../../engine/index.ts";
import type { RunnerView, Wait } from "../../model/index.ts";
import type { JobHead, ListedRun, Store } from "../../store/index.ts";
import { partsOf, readGroups } from "../../transition/index.ts";

type GroupWait = Extract<Wait, { for: "group" }>;
type RunnerWait = Extract<Wait, { for: "runner" }>;

/** A run that waits in a concurrency group: with one workflow, or with one job. */
interface Member {
  readonly runId: string;
  readonly target: ReturnType<typeof holderTarget>;
  readonly wait: GroupWait;
}

/**
 * What rows wait for, with what changes without them: the place in the queue, who holds a group, why no runner can take
 * a job. Read once for an answer, and only as far as its rows need.
 */
export class Waits {
  readonly #queued: readonly JobHead[];
  readonly #members: readonly Member[];
  readonly #runnerWaits: ReadonlyMap<string, RunnerWait>;

  private constructor(queued: readonly JobHead[], runners: readonly RunnerView[], members: readonly Member[]) {
    this.#queued = queued;
    this.#members = members;
    this.#runnerWaits = runnerWaits(queued, runners);
  }

  /** Reads what the rows' waits need. */
  static async of(
    store: Store,
    runners: readonly RunnerView[],
    rows: readonly { readonly wait?: Wait; readonly status: string }[],
  ): Promise<Waits> {
    const waits = new Set(rows.map((row) => row.wait?.for));
    const runs = rows.some(({ status }) => status === "pending" || status === "blocked");
    return new Waits(
      runs || waits.has("runner") ? await store.jobs.queued() : [],
      runners,
      runs || waits.has("group") ? await members(store) : [],
    );
  }

  ofJob({ id, runId, key, workflow, wait }: JobHead): Wait | undefined {
    if (wait?.for === "runner") return this.#runnerWaits.get(id) ?? wait;
    if (wait?.for !== "group") return wait;
    const found = this.#members.find(
      (member) =>
        member.runId === runId &&
        member.target !== undefined &&
        ("key" in member.target ? member.target.key === key : member.target.workflow === workflow),
    );
    return found?.wait ?? wait;
  }

  /** What keeps a run from going on: its first job in the queue, or else its place in a group. */
  ofRun({ id, status, wait }: ListedRun): Wait | undefined {
    if (status !== "pending" && status !== "blocked") return undefined;
    const first = this.#queued.find((job) => job.runId === id);
    if (first !== undefined) return this.#runnerWaits.get(first.id) ?? wait;
    return this.#members.find((member) => member.runId === id)?.wait ?? wait;
  }
}

/** Everybody who waits in a concurrency group, with the runs that hold it, in the order in which each group admits them. */
async function members(store: Store): Promise<readonly Member[]> {
  const found: Member[] = [];
  for (const { group, state } of await readGroups(store)) {
    const { holders, queue } = state;
    if (queue.length === 0) continue;
    const heldBy = [...(await store.runs.titles(holders.map(({ holder }) => partsOf(holder)[0])))];
    for (const [index, { holder }] of queue.entries()) {
      const [runId, id] = partsOf(holder);
      found.push({ runId, target: holderTarget(id), wait: { for: "group", group, place: index + 1, heldBy } });
    }
  }
  return found;
}

/** What each queued job waits for. The place counts those that ask for the same labels. */
export function runnerWaits(
  queued: readonly JobHead[],
  runners: readonly RunnerView[],
): ReadonlyMap<string, RunnerWait> {
  const online = runners.filter((runner) => runner.online);
  const places = new Map<string, number>();
  const waits = new Map<string, RunnerWait>();
  for (const { id, labels } of queued) {
    const same = [...labels].toSorted().join("\n");
    const place = (places.get(same) ?? 0) + 1;
    places.set(same, place);
    const missing = missingFrom(online, labels);
    waits.set(id, { for: "runner", labels: [...labels], place, ...(missing === undefined ? {} : { missing }) });
  }
  return waits;
}

function missingFrom(online: readonly RunnerView[], labels: readonly string[]): RunnerWait["missing"] {
  if (online.length === 0) return { what: "runner" };
  if (online.some((runner) => labels.every((label) => runner.labels.includes(label)))) return undefined;
  const label = labels.find((each) => !online.some((runner) => runner.labels.includes(each)));
  return label === undefined ? { what: "combination" } : { what: "label", label };
}
