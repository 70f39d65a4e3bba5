import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enterGroup, type GroupState, leaveGroup } from "./group.ts";

const entrant = (holder: string, cancelInProgress = false, limit = 1) => ({ holder, cancelInProgress, limit });

describe("a concurrency group", () => {
  it("admits the first, queues the next, admits it when the first leaves", () => {
    const first = enterGroup(undefined, entrant("a"));
    expect(first.granted).toEqual(["a"]);
    const second = enterGroup(first.state, entrant("b"));
    expect(second.granted).toEqual([]);
    const left = leaveGroup(second.state, "a");
    expect(left.granted).toEqual(["b"]);
    expect(leaveGroup(left.state, "b").state).toBeUndefined();
  });

  it("cancels holders and earlier waiters when the newcomer says so, and admits it when the holder has left", () => {
    let state = enterGroup(undefined, entrant("a")).state;
    state = enterGroup(state, entrant("b")).state;
    const third = enterGroup(state, entrant("c", true));
    expect(third).toMatchObject({ granted: [], cancel: ["a", "b"] });
    expect(leaveGroup(third.state, "a").granted).toEqual(["c"]);
  });

  it("returns the same result for a repeated enter", () => {
    const { state } = enterGroup(undefined, entrant("a"));
    expect(enterGroup(state, entrant("a", true))).toEqual({ state, granted: ["a"], cancel: [] });
    expect(leaveGroup(state, "stranger").state).toEqual(state);
  });

  it("never holds more than the limit, is first come first served, and survives storage", () => {
    const step = fc.record({
      holder: fc.constantFrom("a", "b", "c", "d", "e"),
      leave: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state: GroupState | undefined;
        for (const { holder, leave, limit } of steps) {
          const before: GroupState = state ?? { holders: [], queue: [] };
          const change = leave ? leaveGroup(state, holder) : enterGroup(state, entrant(holder, false, limit));
          state = change.state === undefined ? undefined : structuredClone(change.state);
          const after: GroupState = state ?? { holders: [], queue: [] };
          const joined = after.holders.filter((member) =>
            before.holders.every((each) => each.holder !== member.holder),
          );
          assert.ok(joined.every((member) => after.holders.length <= member.limit));
          // First come, first served: who is granted and who still waits are together the line as it stood.
          const known = [...before.holders, ...before.queue].some((each) => each.holder === holder);
          const line = before.queue.map((each) => each.holder).filter((each) => !leave || each !== holder);
          if (!leave && !known) line.push(holder);
          const again = !leave && before.holders.some((each) => each.holder === holder);
          assert.deepEqual([...(again ? [] : change.granted), ...after.queue.map((each) => each.holder)], line);
          assert.ok(after.holders.length > 0 || after.queue.length === 0);
        }
      }),
    );
  });
});
