import type { JobPorts, RunJob } from "../job/index.ts";
import { type Assignment, type JobReport, type Lease, SluiceError, messageOf } from "../model/index.ts";
import type { RunnerChannel } from "./channel.ts";
import { LeaseAge } from "./lease-age.ts";
import { LogStream } from "./log-stream.ts";
import { ReportQueue } from "./report-queue.ts";
import { Backoff, type Verdict, isPassing, judgeLog, judgeReport, judgeTransfer, wait } from "./retry.ts";
import { transfersFor } from "./transfers.ts";

/** How far a job can be ahead of the server's stored logs before it waits. */
const bufferBytes = 4 * 1024 * 1024;
/** After a cancel the server responds to heartbeats at once; wait before the next one if it came back too soon. */
const afterCancelMs = 5_000;
const soonestMs = 1_000;
/** The first heartbeat comes so long after the beginning, in milliseconds: a cancel in between is noticed by it. */
const firstBeatMs = 200;

export interface SessionOptions {
  readonly channel: RunnerChannel;
  readonly runJob: RunJob;
  readonly name: string;
  readonly workRoot: string;
  readonly backend: JobPorts["backend"];
  readonly graceMs: number;
  readonly now: () => number;
  /** Notified when a call fails and is retried: once per call. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * How a job ended on this runner: reported to its end, or dropped because another runner has it or this one gave it up.
 */
export type SessionEnd = { readonly type: "finished" } | { readonly type: "dropped"; readonly reason: unknown };

/**
 * One job on this runner: runs it, renews its lease, and delivers its report and logs to the server in order, however
 * often the server is unavailable.
 */
export class JobSession {
  readonly lease: Lease;
  readonly #assignment: Assignment;
  readonly #options: SessionOptions;
  /** Aborted when someone cancels the job, or when it is dropped. */
  readonly #stopJob = new AbortController();
  /** Aborted when the job is dropped: nothing more is sent. */
  readonly #dropped = new AbortController();
  /** Aborted when everything is delivered. */
  readonly #over = new AbortController();
  readonly #age = new LeaseAge();
  readonly #streams = new Map<number, LogStream>();
  readonly #reports: ReportQueue;
  #buffered = 0;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(assignment: Assignment, options: SessionOptions) {
    this.lease = assignment.lease;
    this.#assignment = assignment;
    this.#options = options;
    this.#reports = new ReportQueue((from, entries) =>
      this.#deliver(() => options.channel.report(this.lease, from, entries), judgeReport, this.#dropped.signal),
    );
  }

  /** Runs the job; resolves when nothing of it is left here, neither processes nor unsent bytes. Never rejects. */
  async run(): Promise<SessionEnd> {
    if (!(await this.#begin())) return { type: "dropped", reason: this.#dropped.signal.reason };
    void this.#beat();
    try {
      await this.#options.runJob(this.#assignment, this.#ports());
      if (!this.#reports.ended) this.#fail("The job ended without a result.");
    } catch (error) {
      if (!this.#reports.ended) this.#fail(messageOf(error));
    }
    try {
      await this.#reports.drained();
    } catch {
      // Dropped: the reason is with the signal.
    }
    this.#over.abort();
    return this.#dropped.signal.aborted
      ? { type: "dropped", reason: this.#dropped.signal.reason }
      : { type: "finished" };
  }

  /** Tells the server before the first process starts: from then on no other runner gets the job. False if one has it by now. */
  async #begin(): Promise<boolean> {
    try {
      await this.#deliver(() => this.#options.channel.begin(this.lease), judgeReport, this.#dropped.signal);
      return !this.#dropped.signal.aborted;
    } catch {
      // Dropped: the reason is with the signal.
      return false;
    }
  }

  /** Gives the job up: kills its steps and reports nothing more. The reason is passed to the job's signals. */
  drop(reason: unknown): void {
    if (this.#dropped.signal.aborted || this.#over.signal.aborted) return;
    this.#dropped.abort(reason);
    this.#stopJob.abort(reason);
    this.#room?.resolve();
  }

  #ports(): JobPorts {
    const { workRoot, backend, name, graceMs, channel } = this.#options;
    return {
      reporter: { report: (entry) => this.#report(entry), log: (step, bytes) => this.#log(step, bytes) },
      transfers: transfersFor({
        channel,
        lease: this.lease,
        folder: workRoot,
        // Do not wait for an unavailable server once the job must stop.
        again: (call) => this.#deliver(call, judgeTransfer, this.#stopJob.signal),
      }),
      backend,
      workRoot,
      runner: { name },
      signal: this.#stopJob.signal,
      dropped: this.#dropped.signal,
      held: (until) => this.#age.recent(until),
      graceMs,
    };
  }

  #fail(reason: string): void {
    this.#report({ type: "job.finished", status: "failure", outputs: {}, reason, at: this.#options.now() });
  }

  #report(entry: JobReport): void {
    if (this.#dropped.signal.aborted) return;
    this.#reports.add(entry, this.#logsBefore(entry));
  }

  /** Report the end of a step, and of the job, once its output is stored: the server then closes the log. */
  #logsBefore(entry: JobReport): Promise<unknown> | undefined {
    let streams: readonly LogStream[] = [];
    if (entry.type === "job.finished") streams = [...this.#streams.values()];
    else if (entry.type === "step.finished")
      streams = [this.#streams.get(entry.step)].filter((stream) => stream !== undefined);
    if (streams.length === 0) return undefined;
    const stored = Promise.all(streams.map((stream) => stream.flush()));
    stored.catch(() => {
      // Dropped; whoever waits for the reports hears of it.
    });
    return stored;
  }

  #log(step: number, bytes: Uint8Array): Promise<void> | undefined {
    if (this.#dropped.signal.aborted) return undefined;
    this.#buffered += bytes.length;
    this.#stream(step).push(bytes);
    if (this.#buffered <= bufferBytes) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #stream(step: number): LogStream {
    let stream = this.#streams.get(step);
    if (stream === undefined) {
      stream = new LogStream({
        write: (offset, bytes) =>
          this.#deliver(
            () => this.#options.channel.log(this.lease, step, offset, bytes),
            judgeLog,
            this.#dropped.signal,
          ),
        stored: (bytes) => {
          this.#buffered -= bytes;
          if (this.#buffered > bufferBytes / 2) return;
          this.#room?.resolve();
          this.#room = undefined;
        },
      });
      this.#streams.set(step, stream);
    }
    return stream;
  }

  /** Makes a call, retrying while the server is unavailable and the signal is not aborted. */
  async #deliver<T>(call: () => Promise<T>, judge: (error: unknown) => Verdict, patience: AbortSignal): Promise<T> {
    const backoff = new Backoff();
    for (let tries = 1; ; tries += 1) {
      this.#dropped.signal.throwIfAborted();
      try {
        return await this.#age.confirmedBy(call);
      } catch (error) {
        const verdict = judge(error);
        if (verdict === "drop") this.drop(error);
        if (verdict !== "again" || patience.aborted) throw error;
        if (tries === 1) this.#options.onTrouble?.(error);
      }
      await backoff.pause(patience);
    }
  }

  /** Sends heartbeats until everything is delivered or the job is dropped. Never rejects. */
  async #beat(): Promise<void> {
    const signal = AbortSignal.any([this.#over.signal, this.#dropped.signal]);
    const backoff = new Backoff();
    // The beginning was one; a job that is over by then needs no other.
    await wait(firstBeatMs, signal).catch(() => {
      // The signal ends the loop.
    });
    while (!signal.aborted) {
      const asked = performance.now();
      try {
        const { cancel } = await this.#age.confirmedBy(() => this.#options.channel.heartbeat(this.lease, signal));
        backoff.reset();
        if (cancel) this.#stopJob.abort(new SluiceError("conflict", "The job was cancelled."));
        const soonest = cancel ? afterCancelMs : soonestMs;
        const left = asked + soonest - performance.now();
        if (left > 0) await wait(left, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) {
          // A finished job needs no lease: the server may say so before it has responded to the last report.
          if (!this.#reports.ended) this.drop(error);
          return;
        }
        await backoff.pause(signal).catch(() => {
          // The signal ends the loop.
        });
      }
    }
  }
}
