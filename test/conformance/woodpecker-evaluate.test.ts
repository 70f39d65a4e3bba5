import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConditionProblem, readCondition } from "../../src/dialect/woodpecker/evaluate/index.ts";
import { conformance } from "../support/conformance.ts";

const row = z.object({
  evaluate: z.string(),
  variables: z.record(z.string(), z.string()),
  result: z.boolean().optional(),
});

const rows =
  conformance === undefined
    ? []
    : readFileSync(join(conformance, "woodpecker/answers/evaluate.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => row.parse(JSON.parse(line)))
        .filter(({ evaluate }) => / matches /.test(evaluate));

describe.skipIf(conformance === undefined)("`matches` answers as Woodpecker's own engine does", () => {
  it.each(rows)("$evaluate", ({ evaluate, variables, result }) => {
    expect(answer(evaluate, new Map(Object.entries(variables)))).toBe(result ?? "an error");
  });
});

function answer(source: string, variables: ReadonlyMap<string, string>): boolean | "an error" {
  try {
    return readCondition(source)(variables);
  } catch (error) {
    if (error instanceof ConditionProblem) return "an error";
    throw error;
  }
}
