import { describe, expect, it } from "vitest";
import { plannedSteps, type StepPlan } from "../../model/index.ts";
import type { JobHead } from "../../store/index.ts";
import { jobView } from "./views.ts";

const row: JobHead = {
  id: "1",
  runId: "r",
  key: "k",
  job: "j",
  workflow: "w",
  name: "j",
  attempt: 1,
  status: "running",
  needs: [],
  labels: [],
  position: 0,
  fence: 0,
  outputs: {},
  reported: 0,
  cancelRequested: false,
  allowed: false,
  newest: true,
  planned: [],
};

function step(id: string, needs?: readonly string[]): StepPlan {
  return { id, env: {}, action: { type: "run", script: "true" }, ...(needs && { needs }) };
}

function needsOf(...steps: readonly StepPlan[]): readonly (readonly number[] | undefined)[] {
  const view = jobView(
    { ...row, planned: plannedSteps(steps) },
    {
      steps: [{ jobId: "1", index: 1, id: "lint", name: "lint", status: "running", allowed: false }],
      runner: undefined,
      wait: undefined,
    },
  );
  return view.steps.map((each) => each.needs);
}

describe("jobView", () => {
  it("says of each step of a graph which come before it, by their place", () => {
    expect(
      needsOf(step("install"), step("lint", ["install"]), step("package", ["lint", "install", "not-here"])),
    ).toEqual([[], [0], [1, 0]]);
  });
  it("says nothing of the order where the steps are a list", () => {
    expect(needsOf(step("install"), step("lint"))).toEqual([undefined, undefined]);
  });
});
