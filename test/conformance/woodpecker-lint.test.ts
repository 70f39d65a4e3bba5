import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { woodpecker } from "../../src/dialect/woodpecker/index.ts";
import type { CompileContext } from "../../src/dialect/port.ts";
import { hasErrors } from "../../src/model/index.ts";

const root = path.resolve(process.env["SLUICE_CONFORMANCE"] ?? "../shared/conformance", "woodpecker");
const present = existsSync(root);
if (!present) console.log(`skipped: no conformance cases at ${root} (set SLUICE_CONFORMANCE)`);

const lintCases = present ? readdirSync(path.join(root, "lint")) : [];
const scenarios = present ? readdirSync(path.join(root, "scenarios")).filter((name) => !name.endsWith(".json")) : [];

/** Files that are broken on purpose: where lint must point first. */
const broken: Readonly<Record<string, string>> = {
  "test-broken-plugin.yaml": "7:5 workflow-schema",
  "test-broken-service-without-name.yaml": "8:5 workflow-schema",
  "test-concurrency-invalid.yaml": "8:3 workflow-schema",
};

const expectation = z.object({
  event: z.string(),
  expected_status: z.string(),
  expected_steps: z.array(z.object({ name: z.string() })).default([]),
  expected_workflows: z.array(z.object({ name: z.string() })).default([]),
});

const context: CompileContext = {
  event: {
    kind: "push",
    repository: { name: "owner/repository", defaultBranch: "main", cloneUrl: "http://127.0.0.1/r.git" },
    ref: "refs/heads/main",
    sha: "0123456789012345678901234567890123456789",
    commit: { message: "a change", author: { login: "someone" }, timestamp: "2026-01-02T03:04:05Z" },
    sender: { login: "someone" },
    payload: {},
  },
  run: { id: "1", number: 1, attempt: 1 },
  vars: {},
  serverUrl: "http://127.0.0.1:8420",
};

describe.skipIf(!present)("the Woodpecker front end, on real pipelines", () => {
  it.each(lintCases)("lints %s", (name) => {
    const diagnostics = woodpecker.lint({
      path: `.woodpecker/${name}`,
      text: readFileSync(path.join(root, "lint", name), "utf8"),
    });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.length > 0).toBe(/broken|invalid/.test(name));
    const place = broken[name];
    const first = errors.map((each) => `${each.line}:${each.column} ${each.code}`)[0];
    expect(first).toBe(place ?? first);
    for (const each of diagnostics) expect(each.help).not.toBe("");
  });

  it.each(scenarios)("compiles the scenario %s", (name) => {
    const full = path.join(root, "scenarios", name);
    const folder = statSync(full).isDirectory();
    const files = folder
      ? readdirSync(full)
          .filter((each) => each.endsWith(".yaml"))
          .map((each) => ({ path: `.woodpecker/${each}`, text: readFileSync(path.join(full, each), "utf8") }))
      : [{ path: ".woodpecker.yml", text: readFileSync(full, "utf8") }];
    const expected = expectation.parse(
      JSON.parse(readFileSync(folder ? path.join(full, "scenario.json") : full.replace(/\.yaml$/, ".json"), "utf8")),
    );
    const compiled = files.map((file) => woodpecker.compile(file, context));
    const failed = compiled.some(({ diagnostics }) => hasErrors(diagnostics));
    expect(failed).toBe(expected.expected_status === "error");
    const plans = compiled.flatMap(({ plan }) => plan ?? []);
    const names = plans.flatMap(({ jobs }) =>
      jobs.flatMap(({ steps, services }) => [...steps, ...services].map(({ id }) => id)),
    );
    expect(names).toEqual(expect.arrayContaining(expected.expected_steps.map((step) => step.name)));
    expect(plans.map(({ workflow }) => workflow)).toEqual(
      expect.arrayContaining(expected.expected_workflows.map((workflow) => workflow.name)),
    );
    expect(JSON.parse(JSON.stringify(plans))).toEqual(plans);
  });
});
