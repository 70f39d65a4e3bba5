import { describe, expect, it } from "vitest";
import { stepName } from "./step-name.ts";
import type { StepPlan } from "./plan.ts";
import type { Text } from "./template.ts";

function named(script: Text, name?: Text): string {
  const step: StepPlan = {
    id: "__run_2",
    action: { type: "run", script },
    env: {},
    ...(name === undefined ? {} : { name }),
  };
  return stepName(step);
}

describe("the name of a step that has not started", () => {
  it("is its own, or what it does", () => {
    expect(named("make", "Build")).toBe("Build");
    expect(named("\n  make all\nmake test")).toBe("Run make all");
  });

  it("shows the literal parts of a text with expressions, never the step's internal id", () => {
    expect(named({ $expr: "format('echo ''{0}'' | grep {{x}}\nmore {1}', secrets.A, secrets.B)" })).toBe(
      "Run echo '…' | grep {x}",
    );
    expect(named("make", { $expr: "format('Build {0}', matrix.os)" })).toBe("Build …");
    expect(named({ $expr: "inputs.script" })).toBe("Run …");
  });
});
