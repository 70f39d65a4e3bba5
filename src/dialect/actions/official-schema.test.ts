import { getWorkflowSchema } from "@actions/workflow-parser/workflows/workflow-schema";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { amended, workflowSchema } from "./official-schema.ts";

/** Without descriptions, which ours leaves out, and contexts, which ours widens. */
function shapeOf(schema: ReturnType<typeof workflowSchema>): Record<string, unknown> {
  return z
    .record(z.string(), z.unknown())
    .parse(
      JSON.parse(
        JSON.stringify(schema.definitions, (key, value: unknown) =>
          key === "description" || key.endsWith("Context") ? undefined : value,
        ),
      ),
    );
}

function unamended(definitions: object): unknown {
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => !Object.hasOwn(amended, name)));
}

describe("workflowSchema", () => {
  it("equals the result of the package's own loader, except for our additions", () => {
    const [ours, theirs] = [shapeOf(workflowSchema()), shapeOf(getWorkflowSchema())];
    expect(unamended(ours)).toEqual(unamended(theirs));
    // An amendment that upstream has made too is no longer needed.
    for (const name of Object.keys(amended)) expect([name, ours[name]]).not.toEqual([name, theirs[name]]);
    expect(Object.keys(workflowSchema().definitions).length).toBeGreaterThan(400);
  });

  it("only ever adds contexts", () => {
    for (const [name, theirs] of Object.entries(getWorkflowSchema().definitions).filter(
      ([each]) => !Object.hasOwn(amended, each),
    )) {
      const added = workflowSchema()
        .getDefinition(name)
        .readerContext.filter((context) => !theirs.readerContext.includes(context));
      const expected = name === "shell" || name === "working-directory" ? 10 : 0;
      expect(added.length - added.filter((context) => context === "gitea" || context === "forgejo").length).toBe(
        expected,
      );
      expect(
        theirs.readerContext.every((context) => workflowSchema().getDefinition(name).readerContext.includes(context)),
      ).toBe(true);
    }
  });
});
