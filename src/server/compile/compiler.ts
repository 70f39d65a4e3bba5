import type { Compilation, CompileContext, Schedules, WorkflowFile } from "../../dialect/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { Answer, Question } from "./messages.ts";
import type { Compiler } from "./port.ts";
import { refusal, type Reason } from "./refusal.ts";
import { Session } from "./session.ts";
import { compileProgram, CompileThread, type Outcome, type Patience } from "./thread.ts";
import { Turns } from "./turns.ts";

export interface CompilerLimits extends Patience {
  /** Most characters that all plans of one event may have as JSON. */
  readonly size: number;
  /** Most jobs that all plans of one event may have, a matrix counting as one. */
  readonly jobs: number;
  /** Most megabytes of JavaScript objects in a thread. */
  readonly heap: number;
  /** How long threads are kept without work, in milliseconds. */
  readonly idle: number;
}

/** A thousand times what real files take. Described in docs/guide/security.md. */
export const compilerLimits: CompilerLimits = {
  each: 5000,
  all: 10_000,
  silence: 60_000,
  size: 16 * 1024 * 1024,
  jobs: 1000,
  heap: 256,
  idle: 300_000,
};

/**
 * Reads workflow files in worker threads, so that no file can hold the server up: one that takes too much time or memory
 * costs its thread, and only that file has no plan. A second thread takes over while the first is busy with another
 * repository, so that one repository alone never makes the others wait. Threads are started when there is work (70 ms)
 * and kept for some minutes, for each takes 18 MB.
 */
export class WorkflowCompiler implements Compiler {
  readonly #limits: CompilerLimits;
  readonly #turns = new Turns(2);
  readonly #program: URL;
  readonly #idle: CompileThread[] = [];
  readonly #busy = new Set<CompileThread>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param program what the threads run; tests have one that misbehaves. */
  constructor(limits: Partial<CompilerLimits> = {}, program: URL = compileProgram) {
    this.#limits = { ...compilerLimits, ...limits };
    this.#program = program;
  }

  /** How many threads there are. */
  get threads(): number {
    return this.#idle.length + this.#busy.size;
  }

  /** Starts a thread, where there is none, ahead of the work that is about to come. */
  warm(): void {
    if (!this.#closed && this.threads === 0) this.#idle.push(this.#startThread());
  }

  /** As the dialects' `compileAll`. Rejects with `unavailable` when the server ends meanwhile. */
  async compileAll(files: readonly WorkflowFile[], context: CompileContext): Promise<readonly Compilation[]> {
    const answers = await this.#ask(
      context.event.repository.name,
      { kind: "compile", files, context },
      (file, reason) => refusal(file, reason, this.#limits),
    );
    return answers.filter((answer): answer is Compilation => "file" in answer);
  }

  /** As the dialects' `readSchedules`. Rejects as `compileAll`. */
  async schedules(repository: string, files: readonly WorkflowFile[]): Promise<Schedules> {
    const answers = await this.#ask(repository, { kind: "schedules", files }, (file, reason) => ({
      lines: [],
      diagnostics: refusal(file, reason, this.#limits).diagnostics,
    }));
    const found = answers.filter((answer): answer is Schedules => "lines" in answer);
    return { lines: found.flatMap(({ lines }) => lines), diagnostics: found.flatMap(({ diagnostics }) => diagnostics) };
  }

  /** Ends all threads; what is under way is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((thread) => thread.end()));
  }

  async #ask(
    repository: string,
    question: Question,
    refuse: (file: string, reason: Reason) => Answer,
  ): Promise<readonly Answer[]> {
    if (question.files.length === 0) return [];
    return this.#turns.run(repository, async () => {
      const session = new Session(question, refuse);
      let left = this.#limits.all;
      for (let outcome: Outcome | undefined; outcome !== "end"; ) {
        if (left <= 0) {
          session.giveUp();
          break;
        }
        const thread = this.#take();
        const order = {
          question,
          before: session.answers,
          room: {
            characters: this.#limits.size - session.size.characters,
            jobs: this.#limits.jobs - session.size.jobs,
          },
        };
        const done = await thread.work(order, { ...this.#limits, all: left }, (notice) => session.hear(notice));
        ({ outcome } = done);
        left -= done.spent;
        this.#giveBack(thread, outcome === "end");
        if (outcome !== "end") session.blame(outcome);
      }
      return session.answers;
    });
  }

  #take(): CompileThread {
    if (this.#closed) throw new SluiceError("unavailable", "The server ends.");
    const thread = this.#idle.pop() ?? this.#startThread();
    this.#busy.add(thread);
    return thread;
  }

  #startThread(): CompileThread {
    return new CompileThread(this.#program, this.#limits.heap);
  }

  #giveBack(thread: CompileThread, alive: boolean): void {
    this.#busy.delete(thread);
    if (this.#closed) throw new SluiceError("unavailable", "The server ends.");
    if (alive) this.#idle.push(thread);
    // The next file or event should find a thread that has started.
    else this.warm();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const each of this.#idle.splice(0)) void each.end();
    }, this.#limits.idle).unref();
  }
}
