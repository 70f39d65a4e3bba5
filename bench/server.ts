import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Figure, git, inScratch, node, quantile, timeProgram } from "./measure.ts";
import { BenchServer, type EndedRun } from "./started.ts";

/** The cost and speed of the server, on embedded defaults. */
export async function* serverFigures(): AsyncIterable<Figure> {
  yield* collect((folder) => idleAndLatency(folder));
  yield* collect((folder) => throughput(folder));
  yield* collect((folder) => longLog(folder));
}

async function* collect(measure: (folder: string) => Promise<readonly Figure[]>): AsyncIterable<Figure> {
  yield* await inScratch(measure);
}

/** From the push's hook to the first step's process, 200 times. */
async function idleAndLatency(folder: string): Promise<readonly Figure[]> {
  const pushes = 200;
  await using server = await BenchServer.start(folder, "{ capacity: 2 }");
  const { bare, tree } = await server.repository("latency", { ".sluice.txt": "" });
  const times = join(folder, "times");
  const workflow = `on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: date +%s%N > "${times}.$GITHUB_SHA.step"\n        shell: sh\n`;
  prependHook(join(bare, "hooks", "post-receive"), `date +%s%N > "${times}.last"\n`);
  await pause(3000);
  const idle = server.memory().now;
  const beside = server.memoryBeside();
  spawnSync("mkdir", ["-p", join(tree, ".github/workflows")]);
  writeFileSync(join(tree, ".github/workflows/ci.yml"), workflow);
  const latencies: number[] = [];
  for (let index = 0; index < pushes; index += 1) {
    writeFileSync(join(tree, "count"), String(index));
    git(tree, "add", "-A");
    git(tree, "commit", "-q", "-m", `push ${index}`);
    git(tree, "push", "-q", "origin", "main");
    const sha = git(tree, "rev-parse", "HEAD");
    const received = BigInt(readFileSync(`${times}.last`, "utf8").trim());
    const run = await server.ended(sha);
    if (run.status !== "success") throw new Error(`run ${run.id} ended with ${run.status}`);
    latencies.push(Number(BigInt(readFileSync(`${times}.${sha}.step`, "utf8").trim()) - received) / 1e6);
  }
  return [
    { name: "resident memory of the idle server", value: idle, unit: "MB", promise: 80 },
    { name: "resident memory of the idle runner beside it, if the server is root", value: beside, unit: "MB" },
    {
      name: `event to the first step's process, median of ${pushes} pushes`,
      value: quantile(latencies, 0.5),
      unit: "ms",
      promise: 60,
    },
    {
      name: `event to the first step's process, 99th percentile of ${pushes}`,
      value: quantile(latencies, 0.99),
      unit: "ms",
      promise: 300,
    },
  ];
}

/** The hook records the time of the event first. */
function prependHook(file: string, line: string): void {
  const text = readFileSync(file, "utf8");
  const [first = "#!/bin/sh", ...rest] = text.split("\n");
  writeFileSync(file, `${first}\n${line}${rest.join("\n")}`);
}

/** 500 jobs of one step, four at a time, beside 500 shells with xargs. */
async function throughput(folder: string): Promise<readonly Figure[]> {
  const jobs = 500;
  await using server = await BenchServer.start(folder, "{ capacity: 4 }");
  const cells = Array.from({ length: jobs / 2 }, (_each, index) => index).join(", ");
  const job = (id: string): string =>
    `  ${id}:\n    runs-on: ubuntu-latest\n    strategy: {matrix: {n: [${cells}]}}\n    steps:\n      - run: 'true'\n`;
  const { tree } = await server.repository("many", { "README.md": "many" });
  spawnSync("mkdir", ["-p", join(tree, ".github/workflows")]);
  writeFileSync(join(tree, ".github/workflows/ci.yml"), `on: push\njobs:\n${job("a")}${job("b")}`);
  git(tree, "add", "-A");
  git(tree, "commit", "-q", "-m", "many jobs");
  git(tree, "push", "-q", "origin", "main");
  const run = await server.ended(git(tree, "rev-parse", "HEAD"));
  if (run.status !== "success") throw new Error(`the run ended with ${run.status}`);
  const seconds = between(run.startedAt, run.finishedAt) / 1000;
  writeFileSync(join(folder, "step.sh"), "true\n");
  writeFileSync(join(folder, "numbers"), Array.from({ length: jobs }, (_each, index) => index).join("\n"));
  const xargs =
    timeProgram("xargs", ["-a", join(folder, "numbers"), "-P4", "-n1", "bash", "-e", join(folder, "step.sh")]) / 1000;
  return [
    { name: `${jobs} queued one-step jobs, capacity 4`, value: jobs / seconds, unit: "jobs/s" },
    {
      name: `time for ${jobs} jobs`,
      value: seconds,
      unit: "s",
      limit: { name: `${jobs} shells with xargs -P4`, value: xargs },
    },
  ];
}

/** A step that prints a million lines, beside a minimal program that copies the same output to a file. */
async function longLog(folder: string): Promise<readonly Figure[]> {
  const print = "seq -f 'line %.0f of the output of a step that has a lot to say' 1 1000000";
  await using server = await BenchServer.start(folder, "{ capacity: 2 }");
  const { tree } = await server.repository("log", { "README.md": "log" });
  spawnSync("mkdir", ["-p", join(tree, ".github/workflows")]);
  const before = server.memory();
  writeFileSync(
    join(tree, ".github/workflows/ci.yml"),
    `on: push\njobs:\n  log:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${JSON.stringify(print)}\n`,
  );
  writeFileSync(
    join(folder, "copy.mjs"),
    `import { spawn } from "node:child_process"; import { createWriteStream } from "node:fs"; spawn("bash", ["-e", process.argv[2]], { stdio: ["ignore", "pipe", "inherit"] }).stdout.pipe(createWriteStream(process.argv[3]));`,
  );
  writeFileSync(join(folder, "print.sh"), `${print}\n`);
  const runs: EndedRun[] = [];
  const copies: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    git(tree, "add", "-A");
    git(tree, "commit", "-q", "--allow-empty", "-m", `log ${round}`);
    git(tree, "push", "-q", "origin", "main");
    runs.push(await server.ended(git(tree, "rev-parse", "HEAD")));
    copies.push(timeProgram(node, [join(folder, "copy.mjs"), join(folder, "print.sh"), join(folder, "copied")]));
  }
  const steps = runs.map((run) => run.jobs[0]?.steps[0]);
  const times = steps.map((step) => between(step?.startedAt ?? "", step?.finishedAt ?? ""));
  const job = runs.at(-1)?.jobs[0]?.id ?? "";
  const opened = performance.now();
  const page = (await server.ask("GET", `/api/v1/jobs/${job}/steps/0/log?first=-200&count=200`)) as {
    total: number;
    lines: readonly string[];
  };
  const openMs = performance.now() - opened;
  if (page.total !== 1_000_000 || page.lines.length !== 200) throw new Error(`the log has ${page.total} lines`);
  return [
    {
      name: "a step that prints 1,000,000 lines",
      value: quantile(times, 0.5),
      unit: "ms",
      limit: { name: "Node copying the same output to a file", value: quantile(copies, 0.5) },
      promise: 1.3,
    },
    { name: "reading the end of that log", value: openMs, unit: "ms", promise: 1000 },
    {
      name: "growth of the server's peak memory over three such logs",
      value: server.memory().peak - before.peak,
      unit: "MB",
    },
  ];
}

function between(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from);
}
