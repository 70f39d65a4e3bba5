import { describe, expect, it } from "vitest";
import { retryDelay } from "./retry.ts";

describe("retryDelay", () => {
  const policy = { first: 100, longest: 1_000 };

  it("doubles up to the longest delay", () => {
    expect([1, 2, 3, 4, 5, 1_000_000].map((failures) => retryDelay(policy, failures))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it("takes another factor", () => {
    expect([1, 2, 3].map((failures) => retryDelay({ ...policy, factor: 5 }, failures))).toEqual([100, 500, 1_000]);
  });

  it("gives up after so many attempts", () => {
    const three = { ...policy, attempts: 3 };
    expect([1, 2, 3, 4].map((failures) => retryDelay(three, failures))).toEqual([100, 200, undefined, undefined]);
  });

  it("applies jitter up to the policy's share, and none without one", () => {
    expect(retryDelay({ ...policy, jitter: 0.5 }, 1, 0)).toBe(100);
    expect(retryDelay({ ...policy, jitter: 0.5 }, 1, 0.5)).toBe(75);
    expect(retryDelay(policy, 1, 0.9)).toBe(100);
  });
});
