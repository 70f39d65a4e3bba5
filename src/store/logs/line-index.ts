import { type FileHandle, open } from "node:fs/promises";
import { isMissing, readFully, writeFully } from "../disk.ts";

/** At `offset`, `lines` newlines have passed, and the following bytes arrived at `time`. */
export interface Mark {
  readonly offset: number;
  readonly lines: number;
  readonly time: number;
}

/** Three 64-bit floating point numbers, little endian. */
const markSize = 24;
/** Marks read at once. */
const window = 512;

/**
 * The sparse index beside a log: ascending marks, in a file. It is never held in memory, so a log of any length costs
 * the same. It may lag behind the log (a kill between two writes), and is completed when the log is opened.
 */
export class LineIndex {
  readonly #path: string;
  #file: FileHandle | undefined;
  #count = 0;
  #last: Mark | undefined;

  /** An index that is empty until it is loaded or appended to. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Reads the existing marks for a log of `length` bytes; drops marks that cannot belong to it. */
  async load(length: number): Promise<void> {
    try {
      this.#file = await open(this.#path, "r+");
    } catch (error) {
      if (!isMissing(error)) throw error;
      return;
    }
    this.#count = Math.floor((await this.#file.stat()).size / markSize);
    await this.#trust(length);
  }

  /** The newest mark. */
  get last(): Mark | undefined {
    return this.#last;
  }

  async add(marks: readonly Mark[]): Promise<void> {
    const last = marks.at(-1);
    if (last === undefined) return;
    this.#file ??= await open(this.#path, "w+", 0o600);
    // At a fixed position, so that the next write overwrites one that failed half-way.
    await writeFully(this.#file, encode(marks), this.#count * markSize);
    this.#count += marks.length;
    this.#last = last;
  }

  /** Up to 512 marks starting at number `from`. */
  async read(from: number): Promise<readonly Mark[]> {
    const count = Math.min(window, this.#count - from);
    if (this.#file === undefined || count <= 0) return [];
    return decode(await readFully(this.#file, from * markSize, count * markSize));
  }

  /**
   * The number of the last mark that passes the test, or -1. The test must hold for a prefix of the marks and no
   * others.
   */
  async findLast(test: (mark: Mark) => boolean): Promise<number> {
    let passes = -1;
    let fails = this.#count;
    while (fails - passes > 1) {
      const narrow = fails - passes <= window;
      const from = narrow ? passes + 1 : Math.floor((passes + fails) / 2);
      const marks = narrow ? await this.read(from) : (await this.read(from)).slice(0, 1);
      const failing = marks.findIndex((mark) => !test(mark));
      if (narrow) return failing === -1 ? fails - 1 : Math.min(from + failing - 1, fails - 1);
      if (failing === -1) passes = from;
      else fails = from;
    }
    return passes;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** After a power cut the newest marks may be about bytes that never reached the disk, or be zeros. */
  async #trust(length: number): Promise<void> {
    while (this.#count > 0) {
      const from = Math.max(0, this.#count - window);
      const marks = await this.read(from);
      const good = marks.findLastIndex((mark, at) => {
        const before = marks[at - 1];
        return (
          mark.offset <= length &&
          mark.lines <= mark.offset &&
          mark.lines >= 0 &&
          (before === undefined ? from + at === 0 || mark.offset > 0 : mark.offset > before.offset)
        );
      });
      this.#count = from + good + 1;
      this.#last = marks[good];
      if (good >= 0) return;
    }
  }
}

function encode(marks: readonly Mark[]): Buffer {
  const bytes = Buffer.allocUnsafe(marks.length * markSize);
  for (const [at, mark] of marks.entries()) {
    bytes.writeDoubleLE(mark.offset, at * markSize);
    bytes.writeDoubleLE(mark.lines, at * markSize + 8);
    bytes.writeDoubleLE(mark.time, at * markSize + 16);
  }
  return bytes;
}

function decode(bytes: Buffer): readonly Mark[] {
  const marks: Mark[] = [];
  for (let at = 0; at + markSize <= bytes.length; at += markSize) {
    marks.push({
      offset: bytes.readDoubleLE(at),
      lines: bytes.readDoubleLE(at + 8),
      time: bytes.readDoubleLE(at + 16),
    });
  }
  return marks;
}
