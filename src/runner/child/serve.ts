import { accessSync, constants, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { killJobs, loadBackend, runJob, sweepWorkRoot } from "../../job/index.ts";
import { messageOf } from "../../model/index.ts";
import { httpChannel } from "../http/channel.ts";
import { expectBuffers } from "../buffers.ts";
import { startRunner, type Runner, type RunnerEvent } from "../start.ts";
import { commandSchema, type ChildTask, type RunnerUser, type ChildMessage } from "./messages.ts";

/** How long to wait for killed processes when the server is gone, in milliseconds; the next start sweeps the rest. */
const lastMs = 3000;
const roundMs = 50;

/** Runs jobs until the server says stop, or is gone. Resolves when none of them runs. */
export async function serve(task: Extract<ChildTask, { type: "run" }>): Promise<void> {
  const { user, access, name, labels, capacity, workRoot, graceMs } = task;
  const stop = Promise.withResolvers<"told" | "alone">();
  process.once("disconnect", () => stop.resolve("alone"));
  process.on("message", (message) => {
    const command = commandSchema.safeParse(message).data;
    if (command?.type === "stop") stop.resolve("told");
    else if (command?.type === "ping") send({ type: "pong" });
  });
  process.env["HOME"] = homeOf(user, workRoot);
  if (user.name !== undefined) process.env["USER"] = process.env["LOGNAME"] = user.name;
  const removed = await sweepWorkRoot(workRoot, { alone: true, onLeft: (message) => console.error(message) });
  const runner = startRunner({
    channel: httpChannel(access),
    name,
    labels,
    capacity,
    workRoot,
    backend: await loadBackend("host", { workRoot }),
    runJob,
    graceMs,
    onEvent: tell,
  });
  expectBuffers();
  send({ type: "ready", removed: removed.length });
  runner.done.catch((error: unknown) => send({ type: "server.away", error: messageOf(error) }));
  const why = await Promise.race([
    stop.promise,
    runner.done.then(
      () => "told" as const,
      () => "alone" as const,
    ),
  ]);
  if (why === "told") await runner.stop("abandon");
  await abandonAtOnce(runner, workRoot);
}

/**
 * The server is gone, and its next life hands the jobs out again: nothing of them may run beside that, so there is no
 * grace period. Repeatedly, because a step that ends lets the next one start.
 */
async function abandonAtOnce(runner: Runner, workRoot: string): Promise<void> {
  const rounds = setInterval(() => killJobs(workRoot), roundMs);
  killJobs(workRoot);
  await Promise.race([runner.stop("abandon"), pause(lastMs)]);
  clearInterval(rounds);
  killJobs(workRoot);
}

/**
 * The user's own home if it exists; `nobody` has none and gets a permanent folder. A home that a job made unusable is
 * recreated.
 */
function homeOf({ home, uid }: RunnerUser, workRoot: string): string {
  if (home !== undefined && isOwn(home, uid)) return home;
  const made = join(workRoot, "home");
  if (isOwn(made, uid)) return made;
  try {
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { mode: 0o700 });
    return made;
  } catch (error) {
    console.error(`Cannot use ${made} as the home of jobs: ${messageOf(error).slice(0, 200)}`);
    return workRoot;
  }
}

function isOwn(folder: string, uid: number): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const stat = statSync(folder);
    return stat.isDirectory() && stat.uid === uid;
  } catch {
    // Missing or inaccessible: treat as none.
    return false;
  }
}

function tell(event: RunnerEvent): void {
  if (event.type === "call.failed") send({ type: "call.failed", job: event.job, error: messageOf(event.error) });
  else if (event.type === "server.away") send({ type: "server.away", error: messageOf(event.error) });
  else if (event.type === "job.dropped") send({ type: "job.dropped", job: event.job, reason: messageOf(event.reason) });
}

function send(message: ChildMessage): void {
  // The server may be gone at this moment, and then nobody listens.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
