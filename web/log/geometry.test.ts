import { describe, expect, it } from "vitest";
import { offsetAfter, ROW, scaleOf, scrollFor } from "./geometry.ts";

describe("scrolling a log", () => {
  it("is one to one while the browser can hold the height", () => {
    const scale = scaleOf(1_000, 600);
    expect(scale).toEqual({ window: 600, reach: 1_000 * ROW - 600, travel: 1_000 * ROW - 600 });
    expect(offsetAfter(123, { offset: 0, scrollTop: 0 }, scale)).toBe(123);
    expect(scrollFor(123, scale)).toBe(123);
  });
  it("does not scroll when everything fits", () => {
    expect(scaleOf(5, 600).travel).toBe(0);
    expect(scrollFor(10, scaleOf(5, 600))).toBe(0);
  });

  const million = scaleOf(1_000_000, 600);
  it("keeps a million lines below what browsers can hold", () => {
    expect(million.travel).toBeLessThanOrEqual(16_000_000);
    expect(million.reach).toBe(20_000_000 - 600);
  });
  it("moves pixel for pixel with the wheel, so that no line is skipped", () => {
    const start = { offset: 10_000_000, scrollTop: scrollFor(10_000_000, million) };
    expect(offsetAfter(start.scrollTop + 100, start, million)).toBe(10_000_100);
    expect(offsetAfter(start.scrollTop - 100, start, million)).toBe(9_999_900);
    expect(offsetAfter(start.scrollTop - 3_000, start, million)).toBe(9_997_000);
  });
  it("moves in proportion with the scroll bar", () => {
    const start = { offset: 0, scrollTop: 0 };
    expect(offsetAfter(million.travel / 2, start, million)).toBeCloseTo(million.reach / 2);
  });
  it("reaches both ends exactly", () => {
    const middle = { offset: 500, scrollTop: 200 };
    expect(offsetAfter(0, middle, million)).toBe(0);
    expect(offsetAfter(million.travel, middle, million)).toBe(million.reach);
    expect(scrollFor(million.reach, million)).toBe(million.travel);
  });
});
