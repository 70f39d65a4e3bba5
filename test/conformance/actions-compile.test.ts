import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { actions } from "../../src/dialect/actions/index.ts";
import { eventSchema, hasErrors, type Event } from "../../src/model/index.ts";
import { conformance } from "../support/conformance.ts";

const present = conformance !== undefined;
const root = path.join(conformance ?? "", "actions");

const manifestSchema = z.array(
  z.object({
    workflow: z.string(),
    event: z.string(),
    expect: z.enum(["success", "failure"]),
    backends: z.array(z.string()),
  }),
);
const rows = present ? manifestSchema.parse(JSON.parse(readFileSync(path.join(root, "manifest.json"), "utf8"))) : [];

/** Cases that are broken on purpose, and what lint must say first. */
const broken: Readonly<Record<string, string>> = {
  "uses-and-run-in-one-step/push.yml": "10:9 workflow-schema",
  "uses-github-empty/push.yml": "7:7 workflow-schema",
  "uses-github-noref/push.yml": "7:13 workflow-schema",
  "job-nil-step/push.yml": "6:6 workflow-schema",
  "issue-1595/missing.yml": "7:12 workflow-needs-unknown",
  "issue-1595/no-first.yml": "7:12 workflow-needs-unknown",
  "issue-1595/no-event.yml": "1:1 workflow-schema",
};

function filesOf(workflow: string): readonly string[] {
  const full = path.join(root, workflow);
  if (!statSync(full).isDirectory()) return [workflow];
  return readdirSync(full)
    .filter((name) => /\.ya?ml$/.test(name) && !/^action\.ya?ml$/.test(name))
    .map((name) => `${workflow}/${name}`);
}

function eventOf(name: string): Event {
  return eventSchema.parse({
    kind: name === "workflow_dispatch" ? "manual" : name,
    repository: { name: "demo/conformance", defaultBranch: "main", cloneUrl: "http://127.0.0.1/demo.git" },
    ref: "refs/heads/main",
    sha: "0123456789012345678901234567890123456789",
    sender: { login: "someone" },
    inputs: name === "workflow_dispatch" ? { required: "required input", boolean: "true" } : undefined,
    payload: {},
  });
}

function compile(file: string, event: string) {
  return actions.compile(
    { path: file, text: readFileSync(path.join(root, file), "utf8") },
    { event: eventOf(event), run: { id: "1", number: 1, attempt: 1 }, vars: {}, serverUrl: "http://127.0.0.1:8420" },
  );
}

describe.skipIf(!present)("the Actions front end, on real workflows", () => {
  const cases = rows.flatMap((row) => filesOf(row.workflow).map((file) => ({ ...row, file })));

  it.each(cases)("compiles $file for $event", ({ file, event }) => {
    const { plan, diagnostics, skipped } = compile(file, event);
    expect(diagnostics.filter((each) => each.severity === "error")).toEqual([]);
    expect(skipped).toBeUndefined();
    expect(plan?.jobs.every((job) => job.steps.length > 0)).toBe(true);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it.each(Object.entries(broken))("says what is wrong with %s", (file, expected) => {
    const first = compile(file, "push").diagnostics.find((each) => each.severity === "error");
    expect(`${first?.line}:${first?.column} ${first?.code}`).toBe(expected);
  });

  it("finds nothing to refuse in the remaining workflows but what it does not support", () => {
    const seen = new Set([...cases.map((each) => each.file), ...Object.keys(broken)]);
    const others = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
      (file) => /\.ya?ml$/.test(file) && !file.includes("action.y") && !seen.has(file),
    );
    const refused = others
      .map((file) => ({
        file,
        diagnostics: actions.lint({ path: file, text: readFileSync(path.join(root, file), "utf8") }),
      }))
      .filter((each) => hasErrors(each.diagnostics));
    expect(
      refused.map((each) => `${each.file} ${each.diagnostics.find((one) => one.severity === "error")?.code}`),
    ).toEqual(["uses-workflow/push.yml workflow-unsupported"]);
  });
});
