import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import pLimit from "p-limit";
import { SluiceError } from "../../model/index.ts";
import { writtenBefore } from "../disk.ts";
import type { Logs } from "./port.ts";
import { asBuffer } from "./newlines.ts";
import { readPage } from "./page.ts";
import { findErrors, searchLog } from "./search.ts";
import { OpenLogs } from "./open-logs.ts";
import type { StepLog } from "./step-log.ts";
import { readBlock } from "./view.ts";

export interface LogOptions {
  /** Maximum number of logs with open files; others are opened on demand. Default: 128. */
  readonly openAtOnce?: number;
  /** Minimum size of logs that are compressed when closed, in bytes. Default: 128 KiB. */
  readonly compressFrom?: number;
  /** Called with a log that could not be compressed; it stays readable. */
  readonly onCompressFailure?: (error: unknown) => void;
}

export interface OpenedLogs extends Logs {
  /** Waits for compression in progress. */
  settle(): Promise<void>;
  /** Finishes work in progress and closes the files. */
  end(): Promise<void>;
}

const jobPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Step logs below `dir`. One process uses a folder at a time (see `lockData`). */
export function openLogs(dir: string, options: LogOptions = {}): OpenedLogs {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const compressFrom = options.compressFrom ?? 128 * 1024;
  const open = new OpenLogs(options.openAtOnce ?? 128);
  const compressing = pLimit(1);
  /** The compression in progress. */
  let current: Promise<void> = Promise.resolve();
  /** Logs that wait for compression, or could not be compressed since they were last closed. */
  const queued = new Set<string>();

  const folderOf = (job: string): string => {
    if (!jobPattern.test(job))
      throw new SluiceError("call-invalid", `Not a job id: ${JSON.stringify(job.slice(0, 64))}.`);
    // The beginning of a ULID is its time: a folder contains the jobs of about nine hours.
    return join(dir, job.slice(0, 5), job);
  };
  const baseOf = (job: string, step: number): string => {
    if (!Number.isSafeInteger(step) || step < 0) throw new SluiceError("call-invalid", `Not a step index: ${step}.`);
    return join(folderOf(job), String(step));
  };

  const compress = async (base: string): Promise<void> => {
    if (!queued.has(base)) return;
    try {
      await open.use(base, (log) => log.compress());
      queued.delete(base);
    } catch (error) {
      options.onCompressFailure?.(error);
    }
  };
  /** One after the other, behind all other work. */
  const compressLater = (base: string): void => {
    queued.add(base);
    void compressing(() => (current = compress(base)));
  };

  /** Uses a log; a closed one that was left uncompressed (by a kill, say) is compressed afterwards. */
  const use = async <T>(base: string, work: (log: StepLog) => Promise<T>): Promise<T> =>
    open.use(base, async (log) => {
      const result = await work(log);
      if (log.compressible && log.length >= compressFrom && !queued.has(base)) compressLater(base);
      return result;
    });

  const settle = (): Promise<void> => compressing(() => undefined);

  return {
    append: async (job, step, offset, bytes, now) =>
      use(baseOf(job, step), (log) => log.append(offset, asBuffer(bytes), now)),
    close: async (job, step) => {
      const base = baseOf(job, step);
      queued.delete(base);
      await use(base, (log) => log.close());
    },
    read: async (job, step, first, count) => use(baseOf(job, step), (log) => readPage(log.view, first, count)),
    steps: async (job) => stepsIn(folderOf(job)),
    size: async (job, step) =>
      use(baseOf(job, step), async ({ view }) => ({ lines: view.lines, bytes: view.length, closed: view.closed })),
    search: async (job, step, text, how) => use(baseOf(job, step), (log) => searchLog(log.view, text, how)),
    errors: async (job, step, how) => use(baseOf(job, step), (log) => findErrors(log.view, how)),
    raw: (job, step, offset) => raw(open, baseOf(job, step), offset),
    remove: async (job) => {
      const folder = folderOf(job);
      for (const base of queued) if (base.startsWith(folder + sep)) queued.delete(base);
      await current;
      await open.forget(folder);
      await rm(folder, { recursive: true, force: true });
    },
    older: (before) => olderJobs(dir, before),
    settle,
    end: async () => {
      await settle();
      await open.forget(dir);
    },
  };
}

/** Jobs whose folders last got a file before. */
async function* olderJobs(dir: string, before: number): AsyncGenerator<string> {
  for (const hours of await readdir(dir))
    for (const job of await readdir(join(dir, hours)))
      if (jobPattern.test(job) && (await writtenBefore(join(dir, hours, job), before))) yield job;
}

/** The steps whose files are in a job's folder; none when there is no folder. */
async function stepsIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const steps = names.flatMap((name) => /^(\d+)(?:\.|$)/.exec(name)?.[1] ?? []).map(Number);
  return [...new Set(steps)].toSorted((left, right) => left - right);
}

async function* raw(open: OpenLogs, base: string, offset: number): AsyncGenerator<Uint8Array> {
  for (let position = Math.max(0, offset); ; ) {
    // A log is not kept open while the reader of a download pauses.
    const block = await open.use(base, (log) => readBlock(log.view, position));
    if (block.length === 0) return;
    yield block;
    position += block.length;
  }
}
