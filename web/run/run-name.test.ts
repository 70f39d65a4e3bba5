import { describe, expect, it } from "vitest";
import { ownRunName } from "./run-name.ts";

describe("the run name beside a workflow's name", () => {
  it.each([
    ["Deploy to blue", "Deploy to blue"],
    ["Fix it", undefined],
    ["CI", undefined],
    [undefined, undefined],
  ])("of %j is %j: what stands beside it is not said twice", (runName, expected) => {
    expect(ownRunName({ title: "Fix it" }, { name: "CI", ...(runName === undefined ? {} : { runName }) })).toBe(
      expected,
    );
  });
});
