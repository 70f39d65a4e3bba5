import { type RetryPolicy, SluiceError, retryDelay } from "../../model/index.ts";
import type { ChildTask, ChildMessage } from "../../runner/index.ts";
import type { Logger } from "../log.ts";
import { within } from "../signals.ts";
import { logRunnerEvent } from "./runner-event.ts";
import { spawnChild, untilReady, type Child } from "./spawn.ts";

type RunTask = Extract<ChildTask, { type: "run" }>;

export interface SuperviseOptions {
  /** The task of a new process: with its own token, which `revoke` ends. */
  readonly newTask: () => { readonly task: RunTask; readonly revoke: () => void };
  /** The process is certainly gone, and so are its jobs. */
  readonly release: (reason: string) => Promise<void>;
  readonly logger: Logger;
}

/**
 * How long it can take to exit after being told to stop, in milliseconds: between the grace period of its steps and the
 * server's own limit.
 */
const stopMs = 9000;
/** Interval of the liveness check, in milliseconds. */
const pulseMs = 5000;
/**
 * Unanswered checks until it counts as dead: a job can stop it, because they are the same user. Shorter than the time
 * after which its jobs are lost for silence, or they would be handed to it again.
 */
const patience = 3;
/**
 * Delays before restarting it; the first restart after a short life is immediate. A life of at least `longLifeMs`
 * starts over.
 */
const startRetry: RetryPolicy = { first: 1000, factor: 5, longest: 30_000 };
const longLifeMs = 60_000;

/**
 * Keeps one runner process alive. Rejects with `runner-user` if the first one reports that it cannot start. One that
 * exits without a message, and any later one, is restarted again and again: what a job left running can kill it, and
 * must neither keep the server from starting nor make it run jobs as someone else.
 */
export async function supervise({ newTask, release, logger }: SuperviseOptions): Promise<{ stop(): Promise<void> }> {
  let stopping = false;
  let current: { readonly child: Child; readonly over: Promise<void> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let short = 0;

  const start = async (): Promise<void> => {
    const { task, revoke } = newTask();
    const child = spawnChild(task, (line) => logger.warn({ line }, "the embedded runner printed"));
    const pulse = watch(child, () => logger.error("the embedded runner does not respond; killing it"));
    const born = performance.now();
    let ready = false;
    const end = async (): Promise<void> => {
      const how = await child.ended;
      clearInterval(pulse);
      revoke();
      if (!ready) return;
      if (!stopping) logger.error({ how }, "the embedded runner exited and its jobs are lost; restarting it");
      await release(
        stopping ? "the server stopped while the job ran" : `the embedded runner exited (${how}) while the job ran`,
      );
      short = performance.now() - born < longLifeMs ? short + 1 : 0;
    };
    const over = end().catch((err: unknown) => logger.error({ err }, "cannot release the jobs of the embedded runner"));
    child.onMessage((message) => logMessage(message, logger));
    current = { child, over };
    const { removed } = await untilReady(child);
    ready = true;
    void over.then(again);
    if (removed > 0) logger.info({ folders: removed }, "removed what jobs of an earlier process left behind");
  };

  const failed = (err: unknown): void => {
    logger.error({ err }, "cannot start the embedded runner; retrying");
    short += 1;
    again();
  };
  const again = (): void => {
    if (stopping) return;
    timer = setTimeout(
      () => {
        start().catch(failed);
      },
      short > 1 ? retryDelay(startRetry, short - 1) : 0,
    );
  };

  await start().catch((error: unknown) => {
    if (error instanceof SluiceError && error.code === "runner-user") throw error;
    failed(error);
  });
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      if (current === undefined) return;
      const { child, over } = current;
      child.send({ type: "stop" });
      if (!(await within(stopMs, child.ended))) child.kill();
      await over;
    },
  };
}

/**
 * Checks at intervals whether it is alive; kills it if it does not respond. A machine that slept costs at most one
 * check.
 */
function watch(child: Child, onSilence: () => void): NodeJS.Timeout {
  let unanswered = 0;
  child.onMessage(() => {
    unanswered = 0;
  });
  const timer = setInterval(() => {
    unanswered += 1;
    if (unanswered <= patience) child.send({ type: "ping" });
    else {
      onSilence();
      child.kill();
    }
  }, pulseMs);
  timer.unref();
  return timer;
}

function logMessage(message: ChildMessage, logger: Logger): void {
  if (message.type === "call.failed" || message.type === "server.away" || message.type === "job.dropped")
    logRunnerEvent(logger, message);
}
