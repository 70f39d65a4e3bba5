import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Folds, groupsOf } from "./folds.ts";

describe("Folds", () => {
  it("is the identity without folds", () => {
    const folds = new Folds([]);
    expect([folds.rows(10), folds.line(3), folds.row(4)]).toEqual([10, 4, 3]);
  });
  it("hides what follows a heading up to the end", () => {
    const folds = new Folds([{ head: 2, end: 5 }]);
    expect(folds.rows(8)).toBe(5);
    expect([0, 1, 2, 3, 4].map((row) => folds.line(row))).toEqual([1, 2, 6, 7, 8]);
    expect(folds.row(4)).toBe(1);
  });
  it("agrees with hiding lines one by one, for any folds", () => {
    const fold = fc
      .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 20 }))
      .map(([head, length]) => ({ head, end: Math.min(60, head + length) }));
    fc.assert(
      fc.property(fc.array(fold, { maxLength: 8 }), (list) => {
        const folds = new Folds(list);
        const hidden = new Set<number>();
        let covered = 0;
        for (const each of list.toSorted((a, b) => a.head - b.head || b.end - a.end)) {
          if (each.head <= covered || each.end <= each.head) continue;
          covered = each.end;
          for (let line = each.head + 1; line <= each.end; line += 1) hidden.add(line);
        }
        const seen = Array.from({ length: 60 }, (_, index) => index + 1).filter((line) => !hidden.has(line));
        expect(folds.rows(60)).toBe(seen.length);
        expect(seen.map((_, row) => folds.line(row))).toEqual(seen);
        expect(seen.map((line) => folds.row(line))).toEqual(seen.map((_, row) => row));
      }),
    );
  });
});

describe("groupsOf", () => {
  it("ends a group at its end, at the next heading, or at the log's end", () => {
    expect(groupsOf([1, 10, 20], [5, 25], 30)).toEqual([
      { head: 1, end: 5 },
      { head: 10, end: 19 },
      { head: 20, end: 25 },
    ]);
    expect(groupsOf([3], [], 9)).toEqual([{ head: 3, end: 9 }]);
  });
});
