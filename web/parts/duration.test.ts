import { describe, expect, it } from "vitest";
import { ago, ahead, bytes, count, duration } from "./duration.ts";

describe("duration", () => {
  it.each([
    [0, "<0.1s"],
    [-500, "<0.1s"],
    [420, "0.4s"],
    [9_960, "10s"],
    [59_400, "59s"],
    [59_600, "1m 0s"],
    [72_000, "1m 12s"],
    [3_600_000 + 3 * 60_000, "1h 3m"],
    [76 * 3_600_000, "3d 4h"],
  ])("writes %d ms as %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe("ago", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  it.each([
    [2, "just now"],
    [40, "40s ago"],
    [3_599, "59m ago"],
    [86_399, "23h ago"],
    [6 * 86_400, "6d ago"],
  ])("tells %d seconds as %s", (seconds, text) => {
    expect(ago(new Date(now - seconds * 1_000), now)).toBe(text);
  });
  it("gives the date after two weeks, and never a time in the future", () => {
    expect(ago(new Date("2026-01-05T12:00:00Z"), now)).toContain("2026");
    expect(ago(new Date(now + 60_000), now)).toBe("just now");
  });
});

describe("ahead", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  it.each([
    [-5, "now"],
    [0, "now"],
    [0.2, "in 1s"],
    [60, "in 1m"],
    [3_599, "in 59m"],
    [86_399, "in 23h"],
    [6 * 86_400, "in 6d"],
  ])("tells %d seconds as %s", (seconds, text) => {
    expect(ahead(new Date(now + seconds * 1_000), now)).toBe(text);
  });
  it("gives the date after two weeks", () => {
    expect(ahead(new Date("2026-12-05T12:00:00Z"), now)).toContain("2026");
  });
});

describe("sizes and counts", () => {
  it("keeps two to three figures", () => {
    expect([812, 4_200, 42_000, 1_300_000_000].map(bytes)).toEqual(["812 B", "4.2 KB", "42 KB", "1.3 GB"]);
    expect(count(1_234_567)).toBe("1,234,567");
  });
});
