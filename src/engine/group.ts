/*
 * A concurrency group: holders up to a limit, everybody else in a queue, first come first served.
 * Pure, like the rest of the room; the caller keeps the state and passes it in. Entering, leaving and
 * granting may be repeated without harm, so that a caller can catch up after a crash.
 */

/** Who holds the group, and who waits for it, both in the order of their coming. Plain JSON. */
export type GroupState = {
  readonly holders: readonly Entrant[];
  readonly queue: readonly Entrant[];
};

export interface GroupChange {
  /** Undefined when nobody is left. */
  readonly state: GroupState | undefined;
  /** Admitted now. On entering again also the one that holds it already. */
  readonly granted: readonly string[];
  /** Shall stop: holders (they leave when they have ended) and waiting ones (they are out already). */
  readonly cancel: readonly string[];
}

export type Entrant = {
  readonly holder: string;
  readonly limit: number;
  /**
   * Cancels the holders and everybody who waits, instead of waiting behind them. Kept in the state, so that whoever
   * catches up after a crash knows that those before it shall stop.
   */
  readonly cancelInProgress: boolean;
};

const empty: GroupState = { holders: [], queue: [] };

/** Asks for a place. */
export function enterGroup(state: GroupState | undefined, entrant: Entrant): GroupChange {
  const before = state ?? empty;
  const { holder, limit, cancelInProgress } = entrant;
  if (before.holders.some((member) => member.holder === holder))
    return { state: before, granted: [holder], cancel: [] };
  if (before.queue.some((member) => member.holder === holder)) return { state: before, granted: [], cancel: [] };
  const cancel = cancelInProgress ? [...before.holders, ...before.queue].map((member) => member.holder) : [];
  return admit(
    {
      holders: before.holders,
      queue: [...(cancelInProgress ? [] : before.queue), { holder, limit, cancelInProgress }],
    },
    cancel,
  );
}

/** Gives a place back, held or asked for. */
export function leaveGroup(state: GroupState | undefined, holder: string): GroupChange {
  const before = state ?? empty;
  const without = (members: GroupState["queue"]): GroupState["queue"] =>
    members.filter((member) => member.holder !== holder);
  return admit({ holders: without(before.holders), queue: without(before.queue) }, []);
}

function admit(state: GroupState, cancel: readonly string[]): GroupChange {
  const holders = [...state.holders];
  const queue = [...state.queue];
  const granted: string[] = [];
  for (
    let next = queue[0];
    next !== undefined && holders.length < Math.min(next.limit, ...holders.map((member) => member.limit));
    next = queue[0]
  ) {
    queue.shift();
    holders.push(next);
    granted.push(next.holder);
  }
  return { state: holders.length + queue.length === 0 ? undefined : { holders, queue }, granted, cancel };
}
