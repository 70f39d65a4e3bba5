import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { conformance } from "../support/conformance.ts";
import { commitAll, runSluice } from "../support/sluice.ts";

const scenario = z.object({
  name: z.string(),
  event: z.string(),
  expected_status: z.string(),
  expected_steps: z.array(z.object({ name: z.string(), status: z.string(), exit_code: z.number() })).default([]),
  expected_workflows: z.array(z.object({ name: z.string(), status: z.string() })).default([]),
});
const closing = z.object({
  type: z.literal("run.finished"),
  status: z.string(),
  jobs: z.array(
    z.object({
      workflow: z.string(),
      status: z.string(),
      steps: z.array(z.object({ name: z.string(), status: z.string(), exitCode: z.number() })),
    }),
  ),
});

const folder = conformance === undefined ? undefined : join(conformance, "woodpecker/scenarios");
const names =
  folder === undefined
    ? []
    : [...new Set(readdirSync(folder).map((name) => name.replace(/\.(yaml|json)$/, "")))].toSorted();
const refused = new Set(names.filter((name) => expectationOf(name).expected_status === "error"));

describe.skipIf(folder === undefined)("Woodpecker scenarios on the dummy backend", () => {
  it.each([...refused])("%s is refused", async (name) => {
    const { code, stderr } = await runSluice([
      "run",
      "--dir",
      await prepare(name),
      "--event",
      expectationOf(name).event,
      "--backend",
      "dummy",
      "--json",
    ]);
    expect(code, stderr).toBe(2);
  });

  it.each(names.filter((name) => !refused.has(name)))("%s", async (name) => {
    const expected = expectationOf(name);
    const { code, stdout } = await runSluice([
      "run",
      "--dir",
      await prepare(name),
      "--event",
      expected.event,
      "--backend",
      "dummy",
      "--json",
    ]);
    const result = closing.parse(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null"));
    expect(result.status).toBe(expected.expected_status);
    expect(code).toBe(expected.expected_status === "success" ? 0 : 1);
    for (const workflow of expected.expected_workflows) {
      expect(result.jobs.filter((job) => job.workflow === workflow.name).map((job) => job.status)).toEqual([
        workflow.status,
      ]);
    }
    const steps = result.jobs
      .flatMap((job) => job.steps)
      .map((step) => ({ name: step.name, status: step.status, exit_code: step.exitCode }));
    expect(steps.toSorted(byName)).toEqual(expected.expected_steps.toSorted(byName));
  });
});

function byName(a: { name: string }, b: { name: string }): number {
  return a.name.localeCompare(b.name);
}

function isFlat(name: string): boolean {
  return existsSync(join(folder ?? "", `${name}.yaml`));
}

function expectationOf(name: string): z.infer<typeof scenario> {
  const file = isFlat(name) ? `${name}.json` : join(name, "scenario.json");
  return scenario.parse(JSON.parse(readFileSync(join(folder ?? "", file), "utf8")));
}

/** Lays a scenario out as the working tree that it stands for. */
async function prepare(name: string): Promise<string> {
  const tree = mkdtempSync(join(tmpdir(), "sluice-scenario-"));
  onTestFinished(() => rmSync(tree, { recursive: true, force: true, maxRetries: 10 }));
  const path = join(folder ?? "", name);
  if (isFlat(name)) {
    cpSync(`${path}.yaml`, join(tree, ".woodpecker.yml"));
  } else {
    mkdirSync(join(tree, ".woodpecker"));
    for (const file of readdirSync(path).filter((each) => each.endsWith(".yaml")))
      cpSync(join(path, file), join(tree, ".woodpecker", file));
  }
  await commitAll(tree);
  return tree;
}
