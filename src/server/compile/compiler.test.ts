import { pbkdf2Sync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CompileContext, WorkflowFile } from "../../dialect/index.ts";
import { WorkflowCompiler, type CompilerLimits } from "./compiler.ts";

const good = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";
const opened: WorkflowCompiler[] = [];
let place: string;
let program: URL;

// Bundled, as in a build: a thread starts ten times faster than from the source's many files.
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "sluice-compile-"));
  program = pathToFileURL(join(place, "misbehaving.mjs"));
  const banner = {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  };
  await build({
    entryPoints: [fileURLToPath(new URL("./misbehaving.fixture.ts", import.meta.url))],
    outfile: fileURLToPath(program),
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    banner,
  });
});

afterAll(async () => {
  await rm(place, { recursive: true });
});

afterEach(async () => {
  for (const compiler of opened.splice(0)) await compiler.close();
});

function open(limits: Partial<CompilerLimits> = {}): WorkflowCompiler {
  const compiler = new WorkflowCompiler({ each: 400, all: 2000, ...limits }, program);
  opened.push(compiler);
  return compiler;
}

function contextFor(name = "demo"): CompileContext {
  const event = {
    kind: "push",
    repository: { name, defaultBranch: "main", cloneUrl: "http://127.0.0.1/demo.git" },
    ref: "refs/heads/main",
    sha: "a".repeat(40),
    sender: { login: "ann" },
    payload: {},
  } as const;
  return { event, run: { id: "1", number: 1, attempt: 1 }, vars: {}, serverUrl: "http://127.0.0.1" };
}

function files(...texts: readonly string[]): readonly WorkflowFile[] {
  return texts.map((text, index) => ({ path: `.github/workflows/${index}.yml`, text }));
}

/** Each file's plan or code. */
async function outcomes(
  compiler: WorkflowCompiler,
  texts: readonly string[],
  name?: string,
): Promise<readonly string[]> {
  const compilations = await compiler.compileAll(files(...texts), contextFor(name));
  return compilations.map(({ file, plan, diagnostics }, index) =>
    file === `.github/workflows/${index}.yml`
      ? (plan?.name ?? diagnostics[0]?.code ?? "nothing")
      : `at the wrong place: ${file}`,
  );
}

const plan = (index: number): string => `.github/workflows/${index}.yml`;

describe("WorkflowCompiler", () => {
  it("compiles in another thread what the dialects compile", async () => {
    expect(await outcomes(open(), [good, "on: push\njobs: [\n", good])).toEqual([plan(0), "yaml-syntax", plan(2)]);
    const { lines, diagnostics } = await open().schedules(
      "demo",
      files("on: {schedule: [{cron: '1 2 3 4 5'}]}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n", "#spin cron", good),
    );
    expect(lines).toEqual([expect.objectContaining({ file: plan(0), cron: "1 2 3 4 5" })]);
    expect(diagnostics).toEqual([expect.objectContaining({ file: plan(1), code: "workflow-limit" })]);
    expect(await open().compileAll([], contextFor())).toEqual([]);
  });

  it("compares the files with each other, also when they were read by several threads", async () => {
    const needy = {
      path: ".woodpecker/b.yml",
      text: "depends_on: [missing, c, a]\nsteps: [{name: x, image: y, commands: [z]}]\n",
    };
    const files = [
      { path: ".woodpecker/a.yml", text: good.replace(/^/, "#spin ") },
      needy,
      { path: ".woodpecker/c.yml", text: "steps: [{name: x, image: y, commands: [z]}]\n" },
    ];
    const compilations = await open().compileAll(files, contextFor());
    expect(
      compilations.map((each) => each.diagnostics.map((one) => `${one.code}: ${one.message.slice(0, 40)}`)),
    ).toEqual([
      [expect.stringContaining("workflow-limit")],
      ["workflow-needs-unknown: The workflow needs `missing`, which does"],
      [],
    ]);
  });

  it("kills the thread of a file that never finishes, names the file, and continues with the others", async () => {
    const compiler = open();
    const [first, culprit, last] = await compiler.compileAll(files(good, `#spin \n${good}`, good), contextFor());
    expect([first?.plan?.name, last?.plan?.name]).toEqual([plan(0), plan(2)]);
    expect(culprit).toEqual({
      file: plan(1),
      diagnostics: [
        {
          file: plan(1),
          line: 1,
          column: 1,
          endLine: 1,
          endColumn: 1,
          severity: "error",
          code: "workflow-limit",
          message: "Compiling the file took more than 0.4 s of CPU time, or all files of the event more than 2 s.",
          help: expect.stringContaining("smaller"),
        },
      ],
    });
    expect(await outcomes(compiler, [good])).toEqual([plan(0)]);
  });

  it("respects the event's time limit, however many of its files never finish", async () => {
    const started = process.cpuUsage();
    const codes = await outcomes(open({ each: 400, all: 1000 }), [good, ...Array<string>(50).fill("#spin "), good]);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
    expect(codes).toEqual([plan(0), ...Array<string>(51).fill("workflow-limit")]);
  });

  it("counts what a thread used once, however late the thread says so", async () => {
    const started = process.cpuUsage();
    pbkdf2Sync("", "", 50_000, 64, "sha512");
    const used = process.cpuUsage(started).user / 1000;
    // Most of a second, in which the thread is asked eight times.
    const rounds = Math.round((800 / used) * 50_000);
    expect(await outcomes(open({ each: 3000, all: 6000 }), [`#deaf ${rounds} \n${good}`, good])).toEqual([
      plan(0),
      plan(1),
    ]);
  });

  it("kills the thread of a file that uses all memory", async () => {
    expect(await outcomes(open({ each: 20_000, all: 30_000, heap: 32 }), ["#grow ", good])).toEqual([
      "workflow-limit",
      plan(1),
    ]);
  });

  it("refuses a plan that is too large, and keeps those that fit", async () => {
    const large = good.replace("hello", "x".repeat(20_000));
    expect(await outcomes(open({ size: 23_000 }), [good, large, large, good])).toEqual([
      plan(0),
      "workflow-limit",
      "workflow-limit",
      plan(3),
    ]);
    expect(await outcomes(open({ size: 30_000 }), [good, large, large, good])).toEqual([
      plan(0),
      plan(1),
      "workflow-limit",
      plan(3),
    ]);
  });

  it("refuses a file with too many jobs, and keeps those that fit", async () => {
    const many = `on: push\njobs:\n${Array.from({ length: 6 }, (_, index) => `  j${index}: {runs-on: x, steps: [{run: a}]}\n`).join("")}`;
    expect(await outcomes(open({ jobs: 8 }), [good, many, many, good])).toEqual([
      plan(0),
      plan(1),
      "workflow-limit",
      plan(3),
    ]);
  });

  it("treats a bug in a dialect as a failure of that file only", async () => {
    expect(await outcomes(open(), ["#throw ", good, "#exit ", good])).toEqual([
      "internal",
      plan(1),
      "internal",
      plan(3),
    ]);
  });

  it("lets other repositories compile while one is held up, however much it has waiting", async () => {
    const compiler = open({ each: 60_000, all: 60_000 });
    const hostile = Array.from({ length: 20 }, () =>
      outcomes(compiler, ["#spin "], "hostile").catch((error: unknown) => String(error)),
    );
    expect(await outcomes(compiler, [good], "other")).toEqual([plan(0)]);
    expect(await outcomes(compiler, [good], "another")).toEqual([plan(0)]);
    await compiler.close();
    expect(new Set(await Promise.all(hostile))).toEqual(new Set(["SluiceError: The server is stopping."]));
  });

  it("ends threads without work, and starts another when there is some", async () => {
    const compiler = open({ idle: 1 });
    expect(await outcomes(compiler, [good])).toEqual([plan(0)]);
    await expect.poll(() => compiler.threads).toBe(0);
    expect(await outcomes(compiler, [good])).toEqual([plan(0)]);
  });

  it("says so when its thread cannot start", async () => {
    const compiler = new WorkflowCompiler({}, new URL("./missing.ts", import.meta.url));
    opened.push(compiler);
    await expect(compiler.compileAll(files(good), contextFor())).rejects.toThrow(
      expect.objectContaining({ code: "internal" }),
    );
  });
});
