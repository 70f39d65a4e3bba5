import { describe, expect, it } from "vitest";
import { nextSort, readSort, sorted, writeSort } from "./sort.ts";

describe("a sort in an address", () => {
  it("is read as it is written", () => {
    for (const sort of [
      { by: "took", down: true },
      { by: "title", down: false },
    ] as const)
      expect(readSort(writeSort(sort), ["title", "took"])).toEqual(sort);
  });
  it("is none when the column is not known, or the value is no text", () => {
    expect([
      readSort("price", ["took"]),
      readSort("--took", ["took"]),
      readSort(3, ["took"]),
      readSort(undefined, ["took"]),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("nextSort", () => {
  it("goes one way, the other, and back to the table's own order", () => {
    const first = nextSort<"took">(undefined, "took", true);
    const second = nextSort(first, "took", true);
    expect([first, second, nextSort(second, "took", true)]).toEqual([
      { by: "took", down: true },
      { by: "took", down: false },
      undefined,
    ]);
  });
  it("starts anew with another column", () => {
    expect(nextSort<"took" | "title">({ by: "took", down: true }, "title", false)).toEqual({
      by: "title",
      down: false,
    });
  });
});

describe("sorted", () => {
  it("sorts numbers in texts as numbers, and keeps equal rows in their order", () => {
    expect(sorted(["run 10", "run 9", "Run 9"], (row) => row, false)).toEqual(["run 9", "Run 9", "run 10"]);
  });
  it("puts rows that have nothing to sort by last, whichever way", () => {
    const rows = [{ n: 1 }, { n: undefined }, { n: 3 }];
    expect(sorted(rows, (row) => row.n, false).map((row) => row.n)).toEqual([1, 3, undefined]);
    expect(sorted(rows, (row) => row.n, true).map((row) => row.n)).toEqual([3, 1, undefined]);
  });
});
