import { describe, expect, it } from "vitest";
import { LinePages, PAGE } from "./pages.ts";

const lines = (count: number, text = "x"): string[] => Array.from({ length: count }, (_, index) => `${text}${index}`);
const times = (count: number): number[] => Array.from({ length: count }, () => 5);

describe("LinePages", () => {
  it("holds what it was given, across pages", () => {
    const pages = new LinePages();
    pages.put(PAGE - 1, ["a", "b", "c"], [1, 2, 3]);
    expect([PAGE - 1, PAGE, PAGE + 1].map((line) => pages.get(line)?.text)).toEqual(["a", "b", "c"]);
    expect(pages.get(PAGE + 2)).toBeUndefined();
    expect(pages.get(PAGE)?.time).toBe(2);
  });
  it("names the pages that lack a line of a range", () => {
    const pages = new LinePages();
    pages.put(1, lines(PAGE), times(PAGE));
    pages.put(PAGE + 5, lines(10), times(10));
    expect(pages.missing(1, PAGE)).toEqual([]);
    expect(pages.missing(PAGE - 5, PAGE + 3)).toEqual([1]);
    expect(pages.missing(PAGE + 5, PAGE + 14)).toEqual([]);
    expect(pages.missing(PAGE, 4 * PAGE)).toEqual([1, 2, 3]);
  });
  it("keeps an empty line apart from a missing one", () => {
    const pages = new LinePages();
    pages.put(1, [""], [1]);
    expect(pages.get(1)).toEqual({ text: "", time: 1 });
    expect(pages.missing(1, 1)).toEqual([]);
  });
  it("limits memory while a million lines stream through, and keeps the newest", () => {
    const pages = new LinePages();
    for (let first = 1; first <= 1_000_000; first += 500) pages.put(first, lines(500), times(500));
    expect(pages.held.pages).toBeLessThanOrEqual(60);
    expect(pages.get(1_000_000)).toBeDefined();
    expect(pages.get(1)).toBeUndefined();
  });
  it("limits memory with enormous lines too", () => {
    const pages = new LinePages();
    const big = "y".repeat(64 * 1024);
    for (let first = 1; first <= 20 * PAGE; first += 100)
      pages.put(
        first,
        Array.from({ length: 100 }, () => big),
        times(100),
      );
    expect(pages.held.characters).toBeLessThan(140_000_000);
  });
  it("drops the least recently used page first", () => {
    const pages = new LinePages();
    pages.put(1, lines(10), times(10));
    for (let index = 1; index < 80; index += 1) {
      pages.missing(1, 10);
      pages.put(index * PAGE + 1, lines(10), times(10));
    }
    expect(pages.get(1)).toBeDefined();
    expect(pages.get(PAGE + 1)).toBeUndefined();
  });
});
