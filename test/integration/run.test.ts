import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { type Outcome, commitAll, runSluice, sluice } from "../support/sluice.ts";

const closing = z.object({
  type: z.literal("run.finished"),
  status: z.string(),
  jobs: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      workflow: z.string(),
      status: z.string(),
      outputs: z.record(z.string(), z.string()),
      steps: z.array(
        z.object({ id: z.string(), name: z.string(), status: z.string(), allowed: z.boolean(), exitCode: z.number() }),
      ),
    }),
  ),
});

async function treeOf(files: Readonly<Record<string, string>>): Promise<string> {
  const tree = mkdtempSync(join(tmpdir(), "sluice run "));
  onTestFinished(() => rmSync(tree, { recursive: true, force: true, maxRetries: 10 }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  await commitAll(tree);
  return tree;
}

const workflow = (jobs: string): Record<string, string> => ({ ".github/workflows/ci.yml": `on: push\njobs:\n${jobs}` });

function lastEvent({ stdout }: Outcome): z.infer<typeof closing> {
  return closing.parse(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null"));
}

describe("sluice run", () => {
  it("prints NDJSON that closes with every job and step, also those that never ran", async () => {
    const tree = await treeOf(
      workflow(
        "  a:\n    runs-on: x\n    outputs: {word: '${{ steps.w.outputs.word }}'}\n    steps:\n      - {id: w, name: Say, run: 'echo word=hi >> $GITHUB_OUTPUT'}\n      - {run: exit 3}\n  b:\n    needs: a\n    runs-on: x\n    steps: [{name: Never, run: 'true'}]\n",
      ),
    );
    const ended = await runSluice(["run", "--dir", tree, "--json"]);
    expect(ended.code).toBe(1);
    for (const line of ended.stdout.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("type");
    const { status, jobs } = lastEvent(ended);
    expect(status).toBe("failure");
    expect(jobs.map(({ name, status, outputs }) => ({ name, status, outputs }))).toEqual([
      { name: "a", status: "failure", outputs: { word: "hi" } },
      { name: "b", status: "skipped", outputs: {} },
    ]);
    expect(
      jobs.map(({ steps }) => steps.map(({ name, status, allowed, exitCode }) => [name, status, allowed, exitCode])),
    ).toEqual([
      [
        ["Say", "success", false, 0],
        ["Run exit 3", "failure", false, 3],
      ],
      [["Never", "skipped", false, 0]],
    ]);
  });

  it("says what this run of a workflow is called", async () => {
    const tree = await treeOf({
      ".github/workflows/ci.yml":
        "name: CI\nrun-name: Deploy ${{ inputs.where }}\non: {workflow_dispatch: {inputs: {where: {type: string}}}}\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}\n",
    });
    const call = ["run", "--dir", tree, "--event", "workflow_dispatch"];
    const { stdout } = await runSluice([...call, "--input", "where=\u001b[31mhere", "--json"]);
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toEqual({
      type: "run.started",
      workflows: [{ workflow: ".github/workflows/ci.yml", name: "CI", runName: "Deploy [31mhere" }],
    });
    expect((await runSluice([...call, "--input", "where=here"])).stdout).toMatch(
      /^Deploy here \.github\/workflows\/ci\.yml\n/,
    );
  });

  it("uses the repository that contains a file named from elsewhere; --dir wins", async () => {
    const tree = await treeOf({
      ...workflow("  a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {run: test -f here}]}\n"),
      here: "",
      "sub/keep": "",
    });
    const file = join(tree, ".github/workflows/ci.yml");
    const elsewhere = await treeOf({ other: "" });
    for (const [args, cwd] of [
      [[file], elsewhere],
      [[join(tree, ".github/workflows")], elsewhere],
      [["../.github/workflows/ci.yml"], join(tree, "sub")],
    ] as const) {
      const ended = await runSluice(["run", "--json", ...args], { cwd });
      expect(ended.code, ended.stdout).toBe(0);
      expect(lastEvent(ended).jobs[0]?.workflow).toBe(".github/workflows/ci.yml");
    }
    expect((await runSluice(["run", "--dir", elsewhere, file])).code).toBe(1);
    const plan = await runSluice(["plan", file], { cwd: elsewhere });
    expect(JSON.parse(plan.stdout)).toMatchObject({
      workflow: ".github/workflows/ci.yml",
      contexts: { github: { sha: expect.not.stringMatching(/^0+$/) } },
    });
    const bare = mkdtempSync(join(tmpdir(), "sluice bare "));
    onTestFinished(() => rmSync(bare, { recursive: true, force: true, maxRetries: 10 }));
    mkdirSync(join(bare, ".gitea/workflows"), { recursive: true });
    writeFileSync(join(bare, ".gitea/workflows/x.yml"), "on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n");
    expect(
      JSON.parse((await runSluice(["plan", join(bare, ".gitea/workflows/x.yml")], { cwd: elsewhere })).stdout),
    ).toMatchObject({ workflow: ".gitea/workflows/x.yml" });
  });

  it("treats a named folder as a project, and reports one without workflows", async () => {
    const tree = await treeOf({
      ...workflow("  a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {run: test -e Makefile}]}\n"),
      "compose.yml": "services: {}\n",
      Makefile: "",
      "docs/index.md": "",
    });
    expect(lastEvent(await runSluice(["run", tree, "--json"])).status).toBe("success");
    expect(await runSluice(["lint", tree])).toMatchObject({ code: 0, stdout: expect.stringContaining("1 file:") });
    expect(await runSluice(["lint", join(tree, "docs")])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("[workflow-none]"),
    });
  });

  it("names a folder that the system refuses, and does not report a bug", async () => {
    const tree = await treeOf({ file: "" });
    const refused = await runSluice([
      "server",
      "--config",
      "/dev/null",
      "--data",
      join(tree, "file"),
      "--listen",
      "127.0.0.1:0",
    ]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/^sluice: cannot use \S.*file: EEXIST.*\n {2}help: /),
    ]);
  });

  it("sets ACT, which workflows use to skip steps", async () => {
    const tree = await treeOf(
      workflow("  a: {runs-on: x, steps: [{if: '!env.ACT', run: exit 1}, {run: 'test $ACT = true'}]}\n"),
    );
    expect((await runSluice(["run", "--dir", tree])).code).toBe(0);
  });

  it("runs what is in the tree now: uncommitted changes and new files, but not ignored ones", async () => {
    const tree = await treeOf({
      ...workflow("  a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {run: 'cat old new; ls'}]}\n"),
      old: "before\n",
      ".gitignore": "ignored\n",
    });
    for (const [name, text] of [
      ["old", "after\n"],
      ["new", "fresh\n"],
      ["ignored", "x"],
    ] as const)
      writeFileSync(join(tree, name), text);
    const { code, stdout } = await runSluice(["run", "--dir", tree]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/after\nfresh\n/);
    expect(stdout).not.toMatch(/^ignored$/m);
  });

  it("masks secrets, in their encoded forms too", async () => {
    const tree = await treeOf(
      workflow(
        "  a: {runs-on: x, env: {S: '${{ secrets.KEY }}'}, steps: [{run: 'echo \"<$S> <$(printf %s \"$S\" | base64)>\"'}]}\n",
      ),
    );
    const { stdout } = await runSluice(["run", "--dir", tree, "--secret", "KEY"], { env: { KEY: "correct horse" } });
    expect(stdout).toContain("<***> <***>");
  });

  it("runs one job with what it needs", async () => {
    const tree = await treeOf(
      workflow(
        "  a: {runs-on: x, steps: [{run: echo}]}\n  b: {needs: a, runs-on: x, steps: [{run: echo}]}\n  c: {runs-on: x, steps: [{run: echo}]}\n",
      ),
    );
    const ended = await runSluice(["run", "--dir", tree, "--json", "--job", "b"]);
    expect(lastEvent(ended).jobs.map((job) => job.name)).toEqual(["a", "b"]);
  });

  it.each([
    [
      "an invalid workflow",
      workflow("  a: {runs-on: x, steps: [{run: a, uses: b}]}\n"),
      [],
      /\.github\/workflows\/ci\.yml:3:\d+: error .*\n +help: /,
    ],
    ["no workflow", { a: "" }, [], /No workflows found/],
    ["a job that is not there", workflow("  a: {runs-on: x, steps: [{run: a}]}\n"), ["--job", "z"], /No job "z"/],
    [
      "an unknown event",
      workflow("  a: {runs-on: x, steps: [{run: a}]}\n"),
      ["--event", "flood"],
      /Unknown event "flood"/,
    ],
    ["an unknown option", workflow("  a: {runs-on: x, steps: [{run: a}]}\n"), ["--flood"], /unknown option/],
  ])("ends with 2 for %s, and says what to do", async (_what, files, args, message) => {
    const { code, stderr } = await runSluice(["run", "--dir", await treeOf(files), ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("is cancelled by Ctrl-C: clean-up steps run, the exit code is 130, nothing is left", async () => {
    const tree = await treeOf({ a: "" });
    const files = workflow(
      `  a:\n    runs-on: x\n    steps:\n      - run: touch "$T/begun"; sleep 300\n        env: {T: ${JSON.stringify(tree)}}\n      - if: always()\n        run: touch "$T/cleaned"\n        env: {T: ${JSON.stringify(tree)}}\n`,
    );
    mkdirSync(join(tree, ".github/workflows"), { recursive: true });
    writeFileSync(join(tree, ".github/workflows/ci.yml"), files[".github/workflows/ci.yml"] ?? "");
    const temporary = join(tree, "tmp");
    mkdirSync(temporary);
    const child = spawn(sluice, ["run", "--dir", tree], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: "ignore",
    });
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    await expect.poll(() => existsSync(join(tree, "begun"))).toBe(true);
    child.kill("SIGINT");
    expect(await code).toBe(130);
    expect(existsSync(join(tree, "cleaned"))).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
