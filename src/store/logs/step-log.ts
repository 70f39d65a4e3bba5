import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import pLimit from "p-limit";
import { SluiceError } from "../../model/index.ts";
import { diskFailure, isMissing, writeFully, writeWhole } from "../disk.ts";
import { type Content, plainContent } from "./content.ts";
import { openFrames, writeFrames } from "./frames.ts";
import { LineIndex, type Mark } from "./line-index.ts";
import { countNewlines } from "./newlines.ts";
import { blockSize, type LogView } from "./view.ts";

/*
 * One step's log. The file's extension is its state, and every change of state is one rename, so that a kill at any
 * point leaves it readable:
 *   <step>.log  open: appended to
 *   <step>.txt  closed, uncompressed
 *   <step>.zst  closed and compressed; the .txt is removed afterwards
 *   <step>.idx  the line index, in all states
 */
type Form = "absent" | "log" | "txt" | "zst";

/** Maximum distance between marks. */
const markBytes = 64 * 1024;
const markLines = 1_000;
/** Lines of one moment share a time; a mark for each of a million lines would be longer than the lines. */
const markMs = 100;

export class StepLog {
  readonly #base: string;
  #form: Form;
  #file: Awaited<ReturnType<typeof open>> | undefined;
  #content: Content = nothing;
  readonly #index: LineIndex;
  #length = 0;
  #newlines = 0;
  #endsLine = true;
  readonly #inTurn = pLimit(1);
  readonly #retired: Content[] = [];

  private constructor(base: string, form: Form) {
    this.#base = base;
    this.#form = form;
    this.#index = new LineIndex(`${base}.idx`);
  }

  /** Opens the log at `base` (the path without extension); a missing one is empty until the first append. */
  static async open(base: string): Promise<StepLog> {
    const log = new StepLog(base, await formOf(base));
    try {
      await log.#load();
      return log;
    } catch (error) {
      await log.release();
      throw diskFailure(error, base);
    }
  }

  get view(): LogView {
    const closed = this.closed;
    const lines = this.#newlines + (closed && !this.#endsLine ? 1 : 0);
    return {
      content: this.#content,
      index: this.#index,
      length: this.#length,
      newlines: this.#newlines,
      lines,
      closed,
    };
  }

  get closed(): boolean {
    return this.#form === "txt" || this.#form === "zst";
  }

  /** Whether it is closed and not compressed. */
  get compressible(): boolean {
    return this.#form === "txt";
  }

  get length(): number {
    return this.#length;
  }

  /** See `Logs.append`. */
  append(offset: number, bytes: Buffer, now: number): Promise<{ readonly length: number; readonly lines: number }> {
    return this.#inTurn(async () => {
      if (offset > this.#length) throw gap(offset, this.#length);
      const fresh = bytes.subarray(this.#length - offset);
      if (fresh.length > 0) await this.#write(fresh, now);
      return { length: this.#length, lines: this.view.lines };
    });
  }

  /** Ends the log. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.closed) return;
      await this.#create();
      await rename(`${this.#base}.log`, `${this.#base}.txt`);
      this.#form = "txt";
    });
  }

  /** Compresses a closed log; readers continue with the form they have. */
  async compress(): Promise<void> {
    if (this.#form !== "txt") return;
    const path = `${this.#base}.zst`;
    await writeWhole(path, (file) => writeFrames(this.#content, this.#length, this.#newlines, file));
    await this.#inTurn(async () => {
      const framed = await openFrames(path);
      this.#retired.push(this.#content);
      this.#content = framed.content;
      this.#file = undefined;
      this.#form = "zst";
      await rm(`${this.#base}.txt`);
    });
  }

  /** Closes its files, not the log. */
  async release(): Promise<void> {
    await this.#inTurn(async () => {
      for (const content of [...this.#retired.splice(0), this.#content]) await content.close();
      this.#content = nothing;
      this.#file = undefined;
      await this.#index.close();
    });
  }

  async #load(): Promise<void> {
    if (this.#form === "absent") return;
    const path = `${this.#base}.${this.#form}`;
    if (this.#form === "zst") {
      // A kill may have come before the uncompressed one was removed.
      await rm(`${this.#base}.txt`, { force: true });
      const framed = await openFrames(path);
      this.#content = framed.content;
      this.#length = framed.length;
      this.#newlines = framed.newlines;
      await this.#index.load(this.#length);
    } else {
      const file = await open(path, "r+");
      this.#file = file;
      this.#content = plainContent(file);
      const { size, mtimeMs } = await file.stat();
      await this.#index.load(size);
      await this.#recount(size, Math.floor(mtimeMs));
    }
    this.#endsLine = this.#length === 0 || (await this.#content.read(this.#length - 1, 1))[0] === 10;
  }

  async #create(): Promise<void> {
    if (this.#form !== "absent") return;
    const path = `${this.#base}.log`;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      this.#file = await open(path, "w+", 0o600);
    } catch (error) {
      throw diskFailure(error, path);
    }
    this.#content = plainContent(this.#file);
    this.#form = "log";
  }

  async #write(bytes: Buffer, now: number): Promise<void> {
    if (this.closed) throw new SluiceError("log-closed", `The log was closed at ${this.#length} bytes.`);
    await this.#create();
    const file = this.#file;
    if (file === undefined) throw new Error("The log's file is not open.");
    try {
      await writeFully(file, bytes, this.#length);
    } catch (error) {
      // The partial write was not acknowledged, and will be repeated.
      await file.truncate(this.#length).catch(() => {
        // The bytes beyond the length stay; the next write overwrites them.
      });
      throw diskFailure(error, `${this.#base}.log`);
    }
    await this.#count(bytes, now);
  }

  /** Records bytes that are in the file: their lines, and marks for the index. */
  async #count(bytes: Buffer, now: number): Promise<void> {
    const marks: Mark[] = [];
    for (let at = 0; at < bytes.length; at += markBytes) {
      const last = marks.at(-1) ?? this.#index.last;
      const mark = { offset: this.#length, lines: this.#newlines, time: now };
      if (
        last === undefined ||
        mark.offset - last.offset >= markBytes ||
        mark.lines - last.lines >= markLines ||
        now - last.time >= markMs
      )
        marks.push(mark);
      const slice = bytes.subarray(at, at + markBytes);
      this.#newlines += countNewlines(slice);
      this.#length += slice.length;
    }
    this.#endsLine = bytes.at(-1) === 10;
    await this.#index.add(marks).catch(() => {
      // The log itself is written. The index only makes reading fast: the marks are made again when the log is next
      // opened, and until then the marks before are used.
    });
  }

  /** Completes the index up to the end of the file. */
  async #recount(size: number, time: number): Promise<void> {
    const last = this.#index.last;
    this.#length = last?.offset ?? 0;
    this.#newlines = last?.lines ?? 0;
    while (this.#length < size)
      await this.#count(
        await this.#content.read(this.#length, Math.min(blockSize, size - this.#length)),
        last?.time ?? time,
      );
  }
}

const nothing: Content = { read: async () => Buffer.alloc(0), close: async () => {} };

async function formOf(base: string): Promise<Form> {
  for (const form of ["zst", "txt", "log"] as const) {
    try {
      await stat(`${base}.${form}`);
      return form;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return "absent";
}

/** Contains the stored length, where the runner continues. */
function gap(offset: number, length: number): SluiceError {
  return Object.assign(
    new SluiceError("log-gap", `The write starts at ${offset}, but the log has only ${length} bytes.`),
    {
      length,
    },
  );
}
