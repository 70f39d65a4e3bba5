import { Worker } from "node:worker_threads";
import type { Notice, CompileTask } from "./messages.ts";

/** How a task ended: completely, or with what happened to the thread. */
export type Outcome = "end" | "time" | "memory" | "crash";

/** The thread's program: above the parts of the build, or beside this file in the source. */
export const compileProgram = import.meta.url.endsWith(".ts")
  ? new URL("./worker.ts", import.meta.url)
  : new URL("../compile-worker.cjs", import.meta.url);

/** How often the time is checked, in milliseconds. */
const tick = 100;

/** Timeouts of a thread, in milliseconds. */
export interface Patience {
  /** CPU time, for one file. Wall time would blame files for a busy machine. */
  readonly each: number;
  /** CPU time, for a whole task. */
  readonly all: number;
  /** Wall time without any message: the thread does not start, or the machine does not let it work. */
  readonly silence: number;
}

/** A worker thread that reads workflow files. After any outcome but `end` it is gone. */
export class CompileThread {
  readonly #worker: Worker;
  /** Its CPU time at the last check. */
  #cpu = 0;
  readonly #gone: Promise<"memory" | "crash">;

  /** @param heap maximum megabytes of JavaScript objects. */
  constructor(program: URL, heap: number) {
    this.#worker = new Worker(program, {
      name: "compile",
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: 16 },
    });
    // An idle thread keeps no process alive.
    this.#worker.unref();
    this.#gone = new Promise((resolve) => {
      this.#worker.on("error", (error: Error & { readonly code?: string }) =>
        resolve(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "crash"),
      );
      this.#worker.once("exit", () => resolve("crash"));
    });
  }

  /** Runs a task and passes on its messages. Resolves when it is done, or when the thread is gone. */
  async work(
    task: CompileTask,
    patience: Patience,
    hear: (notice: Notice) => void,
  ): Promise<{ readonly outcome: Outcome; readonly spent: number }> {
    const ended = Promise.withResolvers<Outcome>();
    let begun = false;
    let [spent, spentOnFile, silent] = [0, 0, 0];
    const listen = (notice: Notice): void => {
      [begun, spentOnFile, silent] = [true, 0, 0];
      hear(notice);
      if (notice.type === "end") ended.resolve("end");
    };
    const check = async (): Promise<void> => {
      const used = await this.#used();
      silent += tick;
      if (begun) [spent, spentOnFile] = [spent + used, spentOnFile + used];
      if (spentOnFile >= patience.each || spent >= patience.all || silent >= patience.silence) ended.resolve("time");
    };
    // Counts ticks instead of wall time: none pass while the server itself is blocked.
    const timer = setInterval(() => void check(), tick);
    this.#worker.ref();
    this.#worker.on("message", listen);
    // oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(task);
    try {
      const outcome = await Promise.race([ended.promise, this.#gone]);
      if (outcome === "time") await this.end();
      return { outcome, spent };
    } finally {
      clearInterval(timer);
      this.#worker.off("message", listen);
      this.#worker.unref();
    }
  }

  /** Milliseconds of CPU time since the last call. */
  async #used(): Promise<number> {
    try {
      const { user, system } = await this.#worker.cpuUsage();
      // Only now: a busy thread answers several calls at once, and its use counts once.
      const before = this.#cpu;
      this.#cpu = (user + system) / 1000;
      return this.#cpu - before;
    } catch {
      // The thread has just ended, or this is a Node before 24.6, which does not report it: then wall time counts.
      return tick;
    }
  }

  /** Kills the thread, whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
