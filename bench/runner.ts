import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Figure, inScratch, quantile, sluice } from "./measure.ts";
import { BenchServer } from "./started.ts";

/** How soon a cancel reaches a step, and how soon the server notices a killed runner. */
export async function* runnerFigures(): AsyncIterable<Figure> {
  yield* await inScratch(cancels);
  yield await inScratch(loss);
}

/** A step that reports its process id in a file, and runs forever. */
const endless = (file: string): string =>
  `triggers: [push]\nruns_on: [host]\nsteps: [{ type: run_command, command: "echo $$ > ${file}.part; mv ${file}.part ${file}; exec sleep 3600" }]\n`;

async function started(file: string): Promise<number> {
  while (!existsSync(file)) await pause(5);
  return Number(readFileSync(file, "utf8"));
}

async function cancels(folder: string): Promise<readonly Figure[]> {
  const rounds = 20;
  await using server = await BenchServer.start(folder, "{ capacity: 1, labels: [host] }");
  const { tree } = await server.repository("cancel", { "README.md": "cancel" });
  const file = join(folder, "pid");
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rmSync(file, { force: true });
    const sha = server.push(tree, ".sluice/ci.yml", endless(file));
    const pid = await started(file);
    const { id } = await server.run(sha);
    const asked = performance.now();
    await server.ask("POST", `/api/v1/runs/${id}/cancel`);
    while (existsSync(`/proc/${pid}`)) await pause(1);
    times.push(performance.now() - asked);
    await server.ended(sha);
  }
  return [
    { name: `cancel to the end of the step's process, median of ${rounds}`, value: quantile(times, 0.5), unit: "ms" },
    {
      name: `cancel to the end of the step's process, slowest of ${rounds}`,
      value: Math.max(...times),
      unit: "ms",
      promise: 1000,
    },
  ];
}

async function loss(folder: string): Promise<Figure> {
  await using server = await BenchServer.start(folder, "{ embedded: false }");
  const { tree } = await server.repository("loss", { "README.md": "loss" });
  const runner = spawn(
    sluice,
    ["runner", "--server", server.url, "--name", "ann", "--labels", "host", "--work", join(folder, "work")],
    { stdio: "ignore", env: { ...process.env, SLUICE_TOKEN: server.token } },
  );
  const file = join(folder, "pid");
  try {
    const sha = server.push(tree, ".sluice/ci.yml", endless(file));
    const pid = await started(file);
    // Its work stays behind, as on a machine that lost its network.
    await killed(runner);
    const killedAt = performance.now();
    const { jobs } = await server.ended(sha);
    const took = performance.now() - killedAt;
    process.kill(pid, "SIGKILL");
    if (jobs[0]?.status !== "lost") throw new Error(`the job ended with ${String(jobs[0]?.status)}`);
    return { name: "the death of a runner to the loss of its job", value: took / 1000, unit: "s", promise: 30 };
  } finally {
    await killed(runner);
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
