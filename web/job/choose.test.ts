import { describe, expect, it } from "vitest";
import type { Step } from "../api/types.ts";
import { chooseStep } from "./choose.ts";

const step = (index: number, status: Step["status"], more: Partial<Step> = {}): Step => ({
  index,
  id: `s${index}`,
  name: `step ${index}`,
  status,
  allowed: false,
  lines: 0,
  bytes: 0,
  ...more,
});

describe("chooseStep", () => {
  it("takes the step that the address names", () => {
    expect(chooseStep({ steps: [step(0, "failure"), step(1, "success")] }, 1)?.index).toBe(1);
  });
  it("takes the failed step, not one whose failure does not count", () => {
    expect(
      chooseStep({ steps: [step(0, "failure", { allowed: true }), step(1, "running"), step(2, "failure")] }, undefined)
        ?.index,
    ).toBe(2);
  });
  it("takes the running step, then the last of the author's that printed something", () => {
    expect(chooseStep({ steps: [step(0, "success", { lines: 5 }), step(1, "running")] }, 9)?.index).toBe(1);
    expect(
      chooseStep(
        {
          steps: [
            step(0, "success", { lines: 5 }),
            step(1, "success"),
            step(2, "success", { lines: 3, name: "Post checkout" }),
          ],
        },
        undefined,
      )?.index,
    ).toBe(0);
  });
  it("takes none when there is none", () => {
    expect(chooseStep({ steps: [] }, 0)).toBeUndefined();
  });
});
