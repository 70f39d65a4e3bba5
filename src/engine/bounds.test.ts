import { describe, expect, it } from "vitest";
import { stepName, type StepPlan } from "../model/index.ts";
import { advance, createRun } from "./advance.ts";
import { expr, job, plan } from "./scenario.fixture.ts";

/** A text of 10 × 2^levels characters. */
function doubled(levels: number): string {
  let expression = "'xxxxxxxxxx'";
  for (let level = 0; level < levels; level += 1) expression = `format('{0}{0}', ${expression})`;
  return expression;
}

const numbers = Array.from({ length: 256 }, (_, index) => index);
const matrix = (more: object = {}): NonNullable<ReturnType<typeof job>["strategy"]> => ({
  failFast: true,
  matrix: { n: numbers, ...more },
});

describe("hostile expressions of a plan", () => {
  it("share one budget per transition, however many cells and jobs evaluate them", () => {
    const started = process.cpuUsage();
    const names = { name: expr(`format('{0}', contains(${doubled(16)}, 'y'))`), strategy: matrix() };
    const { state } = createRun([
      plan("w", [...numbers.slice(0, 10).map((index) => job(`j${index}`, names)), job("plain")]),
    ]);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
    expect(
      state.jobs.filter((each) => /it and others read more than 50,000,000 characters/.test(each.reason ?? "")).length,
    ).toBeGreaterThan(1000);
    expect(state.jobs.find((each) => each.job === "plain")?.status).toBe("queued");
  });

  it.each([
    ["a name of a megabyte is cut", { name: expr(doubled(17)) }, undefined],
    [
      "a group of a megabyte is none",
      { concurrency: { group: expr(doubled(17)), cancelInProgress: false, limit: 1 } },
      "concurrency.group evaluates to 1310720 bytes; the limit is 2000",
    ],
    [
      "a group is measured in bytes",
      { concurrency: { group: "ü".repeat(1001), cancelInProgress: false, limit: 1 } },
      "concurrency.group evaluates to 2002 bytes; the limit is 2000",
    ],
    [
      "labels of a megabyte are none",
      { runsOn: expr(doubled(17)) },
      "runs-on evaluates to 1310724 bytes; the limit is 2000",
    ],
    [
      "labels are measured in bytes, as they are kept",
      { runsOn: ['"'.repeat(999)] },
      "runs-on evaluates to 2002 bytes; the limit is 2000",
    ],
    [
      "combinations of a megabyte are none",
      { strategy: matrix({ text: [expr(doubled(14))] }) },
      expect.stringMatching(/^the matrix combination \(.*\) has \d+ characters; the limit is 16384$/),
    ],
  ])("%s", (_, more, reason) => {
    const { state } = createRun([plan("w", [job("a", more)])]);
    expect([...new Set(state.jobs.map((each) => each.reason))]).toEqual([reason]);
    expect(JSON.stringify(state).length).toBeLessThan(20_000);
  });

  it("cannot create more jobs than a run can have", () => {
    const { state } = createRun([
      plan(
        "w",
        numbers.slice(0, 40).map((index) => job(`j${index}`, { strategy: matrix() })),
      ),
    ]);
    expect(state.jobs.length).toBeLessThanOrEqual(4000);
    expect(state.jobs.some((each) => /^the run would have \d+ jobs; the limit is 4000$/.test(each.reason ?? ""))).toBe(
      true,
    );
  });

  it("cannot create more steps than a run can have", () => {
    const steps = numbers
      .slice(0, 100)
      .map((index): StepPlan => ({ id: `s${index}`, env: {}, action: { type: "run", script: "true" } }));
    const { state } = createRun([
      plan(
        "w",
        numbers.slice(0, 8).map((index) => job(`j${index}`, { strategy: matrix(), steps })),
      ),
    ]);
    expect(state.jobs.filter((each) => each.status === "queued").length * 100).toBeLessThanOrEqual(100_000);
    expect(state.jobs.filter((each) => each.status === "queued").length).toBe(3 * 256);
    expect(
      state.jobs.some((each) => /^the run would have \d+ steps; the limit is 100000$/.test(each.reason ?? "")),
    ).toBe(true);
  });

  it("cannot create long names", () => {
    const { state } = createRun([plan("w", [job("a", { name: "n".repeat(100_000), strategy: matrix() })])]);
    expect(Math.max(...state.jobs.map((each) => each.name.length))).toBeLessThan(1200);
    expect(
      stepName({ id: "a", name: "n".repeat(100_000), env: {}, action: { type: "run", script: "true" } }),
    ).toHaveLength(1000);
    expect(
      stepName({ id: "a", env: {}, action: { type: "uses", reference: "n".repeat(100_000), with: {} } }),
    ).toHaveLength(1000);
  });
});

describe("the outputs of a run", () => {
  it("are limited together", () => {
    const plans = [plan("w", [job("a", { strategy: matrix() })])];
    let { state } = createRun(plans);
    const outputs = { v: "x".repeat(1_000_000) };
    for (const { key, attempt } of state.jobs.slice(0, 60)) {
      ({ state } = advance(plans, state, { type: "job.started", key, attempt }));
      ({ state } = advance(plans, state, { type: "job.finished", key, attempt, status: "success", outputs }));
    }
    expect(state.jobs.filter((each) => each.status === "success")).toHaveLength(49);
    const refused = state.jobs.find((each) => each.status === "failure");
    expect(refused).toMatchObject({
      outputs: {},
      reason: "the outputs of all jobs of the run would have 50000050 characters; the limit is 50000000",
    });
  });
});
