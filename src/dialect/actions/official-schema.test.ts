import { getWorkflowSchema } from "@actions/workflow-parser/workflows/workflow-schema";
import { describe, expect, it } from "vitest";
import { workflowSchema } from "./official-schema.ts";

/** Without descriptions, which ours leaves out, and contexts, which ours widens. */
function shapeOf(schema: ReturnType<typeof workflowSchema>): unknown {
  return JSON.parse(JSON.stringify(schema.definitions, (key, value: unknown) => (key === "description" || key.endsWith("Context") ? undefined : value)));
}

describe("workflowSchema", () => {
  it("is what the package's own loader makes of the file", () => {
    expect(shapeOf(workflowSchema())).toEqual(shapeOf(getWorkflowSchema()));
    expect(Object.keys(workflowSchema().definitions).length).toBeGreaterThan(400);
  });

  it("only ever adds contexts", () => {
    for (const [name, theirs] of Object.entries(getWorkflowSchema().definitions)) {
      const added = workflowSchema().getDefinition(name).readerContext.filter((context) => !theirs.readerContext.includes(context));
      const expected = name === "shell" || name === "working-directory" ? 10 : 0;
      expect(added.length - added.filter((context) => context === "gitea" || context === "forgejo").length).toBe(expected);
      expect(theirs.readerContext.every((context) => workflowSchema().getDefinition(name).readerContext.includes(context))).toBe(true);
    }
  });
});
