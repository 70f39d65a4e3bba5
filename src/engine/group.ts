/*
 * A concurrency group: holders up to a limit, and a first-come-first-served queue. Pure like the rest of the room; the
 * caller stores the state and passes it in. Entering, leaving and granting are idempotent, so a caller can catch up
 * after a crash.
 */

/** The group's holders and its queue, both in order of arrival. Plain JSON. */
export type GroupState = {
  readonly holders: readonly Entrant[];
  readonly queue: readonly Entrant[];
};

export interface GroupChange {
  /** Undefined if the group is empty. */
  readonly state: GroupState | undefined;
  /** Newly admitted. On a repeated enter, includes a holder that was already admitted. */
  readonly granted: readonly string[];
  /** To be stopped: holders (they leave when they have finished) and waiting ones (already removed). */
  readonly cancel: readonly string[];
}

export type Entrant = {
  readonly holder: string;
  readonly limit: number;
  /**
   * Cancels the holders and the whole queue instead of waiting behind them. Stored in the state, so a caller that
   * catches up after a crash knows that those before it must stop.
   */
  readonly cancelInProgress: boolean;
};

const empty: GroupState = { holders: [], queue: [] };

/** Requests a place. */
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

/** Releases a place, held or waiting. */
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
