import { type RetryPolicy, SluiceError, retryDelay } from "../../model/index.ts";
import type { ChildTask, ChildMessage } from "../../runner/index.ts";
import type { Logger } from "../log.ts";
import { within } from "../signals.ts";
import { logRunnerEvent } from "./runner-event.ts";
import { spawnChild, untilReady, type Child } from "./spawn.ts";

type RunTask = Extract<ChildTask, { type: "run" }>;

export interface SuperviseOptions {
  /** What a new process is told: with a token of its own, which `revoke` ends. */
  readonly newTask: () => { readonly task: RunTask; readonly revoke: () => void };
  /** The process is gone for certain, and with it its jobs. */
  readonly release: (reason: string) => Promise<void>;
  readonly logger: Logger;
}

/** How long it may take to end after it was told, in milliseconds: what is left after the grace of its steps and before the server's own limit. */
const stopMs = 9000;
/** Between two looks whether it lives, in milliseconds. */
const pulseMs = 5000;
/** So many questions without an answer, and it counts as dead: a job can stop it, for they are the same user. Sooner than its jobs are lost for silence, or they would be handed to it again. */
const patience = 3;
/** Of starting it again, which is done at once after the first short life; one of at least `longLifeMs` begins anew. */
const startRetry: RetryPolicy = { first: 1000, factor: 5, longest: 30_000 };
const longLifeMs = 60_000;

/**
 * Keeps one process of the runner alive. Rejects with `runner-user` when the first says that it cannot start. One that ends
 * without a word, and any later one, is tried again and again: what a job left running can kill it, and must neither keep the
 * server from starting nor have it run jobs as somebody else.
 */
export async function supervise({ newTask, release, logger }: SuperviseOptions): Promise<{ stop(): Promise<void> }> {
  let stopping = false;
  let current: { readonly child: Child; readonly over: Promise<void> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let short = 0;

  const start = async (): Promise<void> => {
    const { task, revoke } = newTask();
    const child = spawnChild(task, (line) => logger.warn({ line }, "the embedded runner printed"));
    const pulse = watch(child, () => logger.error("the embedded runner does not answer and is killed"));
    const born = performance.now();
    let ready = false;
    const end = async (): Promise<void> => {
      const how = await child.ended;
      clearInterval(pulse);
      revoke();
      if (!ready) return;
      if (!stopping) logger.error({ how }, "the embedded runner ended; its jobs are lost, and it is started again");
      await release(
        stopping ? "the server stopped while the job ran" : `the embedded runner ended (${how}) while the job ran`,
      );
      short = performance.now() - born < longLifeMs ? short + 1 : 0;
    };
    const over = end().catch((err: unknown) =>
      logger.error({ err }, "the jobs of the embedded runner could not be given back"),
    );
    child.onMessage((message) => logMessage(message, logger));
    current = { child, over };
    const { removed } = await untilReady(child);
    ready = true;
    void over.then(again);
    if (removed > 0) logger.info({ folders: removed }, "removed what jobs of an earlier process left behind");
  };

  const failed = (err: unknown): void => {
    logger.error({ err }, "the embedded runner cannot be started, which is tried again");
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

/** Asks at intervals whether it lives; kills it when it does not answer. A machine that slept costs one answer at most. */
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
