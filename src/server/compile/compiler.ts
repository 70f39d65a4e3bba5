import type { Compilation, CompileContext, Schedules, WorkflowFile } from "../../dialect/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { Answer, Question } from "./messages.ts";
import type { Compiler } from "./port.ts";
import { refusal, type Reason } from "./refusal.ts";
import { Session } from "./session.ts";
import { compileProgram, CompileThread, type Outcome, type Patience } from "./thread.ts";
import { Turns } from "./turns.ts";

export interface CompilerLimits extends Patience {
  /** Maximum characters of all plans of one event as JSON. */
  readonly size: number;
  /** Maximum jobs of all plans of one event; a matrix counts as one. */
  readonly jobs: number;
  /** Maximum megabytes of JavaScript objects in a thread. */
  readonly heap: number;
  /** How long idle threads are kept, in milliseconds. */
  readonly idle: number;
}

/** A thousand times what real files take. Documented in docs/guide/security.md. */
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
 * Compiles workflow files in worker threads, so that no file can block the server: one that takes too much time or
 * memory costs its thread, and only that file gets no plan. A second thread takes over while the first is busy with
 * another repository, so that one repository alone never delays the others. Threads start on demand (70 ms) and are
 * kept for some minutes, because each takes 18 MB.
 */
export class WorkflowCompiler implements Compiler {
  readonly #limits: CompilerLimits;
  readonly #turns = new Turns(2);
  readonly #program: URL;
  readonly #idle: CompileThread[] = [];
  readonly #busy = new Set<CompileThread>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param program what the threads run; tests use one that misbehaves. */
  constructor(limits: Partial<CompilerLimits> = {}, program: URL = compileProgram) {
    this.#limits = { ...compilerLimits, ...limits };
    this.#program = program;
  }

  /** The number of threads. */
  get threads(): number {
    return this.#idle.length + this.#busy.size;
  }

  /** Starts a thread, if there is none, ahead of the work. */
  warm(): void {
    if (!this.#closed && this.threads === 0) this.#idle.push(this.#startThread());
  }

  /** Like the dialects' `compileAll`. Rejects with `unavailable` if the server stops in the meantime. */
  async compileAll(files: readonly WorkflowFile[], context: CompileContext): Promise<readonly Compilation[]> {
    const answers = await this.#ask(
      context.event.repository.name,
      { kind: "compile", files, context },
      (file, reason) => refusal(file, reason, this.#limits),
    );
    return answers.filter((answer): answer is Compilation => "file" in answer);
  }

  /** Like the dialects' `readSchedules`. Rejects like `compileAll`. */
  async schedules(repository: string, files: readonly WorkflowFile[]): Promise<Schedules> {
    const answers = await this.#ask(repository, { kind: "schedules", files }, (file, reason) => ({
      lines: [],
      diagnostics: refusal(file, reason, this.#limits).diagnostics,
    }));
    const found = answers.filter((answer): answer is Schedules => "lines" in answer);
    return { lines: found.flatMap(({ lines }) => lines), diagnostics: found.flatMap(({ diagnostics }) => diagnostics) };
  }

  /** Stops all threads; rejects what is in progress. */
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
        const task = {
          question,
          before: session.answers,
          room: {
            characters: this.#limits.size - session.size.characters,
            jobs: this.#limits.jobs - session.size.jobs,
          },
        };
        const done = await thread.work(task, { ...this.#limits, all: left }, (notice) => session.hear(notice));
        ({ outcome } = done);
        left -= done.spent;
        this.#giveBack(thread, outcome === "end");
        if (outcome !== "end") session.blame(outcome);
      }
      return session.answers;
    });
  }

  #take(): CompileThread {
    if (this.#closed) throw new SluiceError("unavailable", "The server is stopping.");
    const thread = this.#idle.pop() ?? this.#startThread();
    this.#busy.add(thread);
    return thread;
  }

  #startThread(): CompileThread {
    return new CompileThread(this.#program, this.#limits.heap);
  }

  #giveBack(thread: CompileThread, alive: boolean): void {
    this.#busy.delete(thread);
    if (this.#closed) throw new SluiceError("unavailable", "The server is stopping.");
    if (alive) this.#idle.push(thread);
    // The next file or event should find a thread that has started.
    else this.warm();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const each of this.#idle.splice(0)) void each.end();
    }, this.#limits.idle).unref();
  }
}
