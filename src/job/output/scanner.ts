const newline = 10;
const colons = Buffer.from("::");
const hashes = Buffer.from("##[");

/** A longer line is not checked for commands. */
const longestCommand = 1024 * 1024;
/** How much white space can precede a command. */
const longestIndent = 256;

/**
 * Finds workflow commands in a step's output: lines that begin, after white space, with `::` or `##[`.
 *
 * Output without either passes unchanged, at the speed of a memory search; only lines that look like a command become
 * strings. Of an unfinished line only a possible command is held back.
 */
export class CommandScanner {
  private readonly take: (line: string) => boolean;
  private held: Uint8Array[] = [];
  private heldLength = 0;
  /** Whether the next byte begins a line. Always true while something is held. */
  private atLineStart = true;

  /**
   * @param take receives each line that looks like a command, without its end; returns true if the line must not be
   * shown.
   */
  constructor(take: (line: string) => boolean) {
    this.take = take;
  }

  /** The parts of the output to show, in order. */
  write(chunk: Uint8Array): readonly Uint8Array[] {
    if (chunk.length === 0) return [];
    if (this.heldLength > longestIndent && !chunk.includes(newline)) {
      // A command that continues: collected without copying each time.
      this.held.push(chunk);
      this.heldLength += chunk.length;
      return this.heldLength > longestCommand ? this.giveUp() : [];
    }
    if (this.heldLength === 0) return this.scan(bufferOf(chunk));
    const whole = Buffer.concat([...this.held, chunk]);
    this.held = [];
    this.heldLength = 0;
    return this.scan(whole);
  }

  /** At the end of the output: a last line without an end counts too. */
  flush(): readonly Uint8Array[] {
    const rest = Buffer.concat(this.held);
    this.held = [];
    this.heldLength = 0;
    this.atLineStart = true;
    if (rest.length === 0) return [];
    const line = rest.toString("utf8");
    return /^[ \t\r]*(?:::|##\[)/.test(line) && this.take(line) ? [] : [rest];
  }

  private giveUp(): readonly Uint8Array[] {
    const pieces = this.held;
    this.held = [];
    this.heldLength = 0;
    this.atLineStart = false;
    return pieces;
  }

  private scan(work: Buffer): readonly Uint8Array[] {
    const shown: Uint8Array[] = [];
    let done = 0;
    const show = (end: number): void => {
      if (end > done) shown.push(done === 0 && end === work.length ? work : work.subarray(done, end));
    };
    let colon = work.indexOf(colons);
    let hash = work.indexOf(hashes);
    while (colon >= 0 || hash >= 0) {
      const at = hash < 0 || (colon >= 0 && colon < hash) ? colon : hash;
      const start = this.lineStart(work, at);
      // Nothing else on the same line can be a command: a line full of colons costs one check.
      const end = work.indexOf(newline, at);
      if (start >= 0) {
        if (end < 0 && work.length - start <= longestCommand) {
          show(start);
          this.hold(work.subarray(start));
          return shown;
        }
        if (end >= 0 && end - start <= longestCommand && this.take(lineOf(work, start, end))) {
          show(start);
          done = end + 1;
        }
      }
      const next = end < 0 ? work.length : end + 1;
      if (colon >= 0 && colon < next) colon = work.indexOf(colons, next);
      if (hash >= 0 && hash < next) hash = work.indexOf(hashes, next);
    }
    const open = this.openStart(work, done);
    show(open);
    if (open < work.length) this.hold(work.subarray(open));
    else if (work.length > 0) this.atLineStart = work[work.length - 1] === newline;
    return shown;
  }

  /** The start of the line if only white space precedes `at`; otherwise -1. */
  private lineStart(work: Buffer, at: number): number {
    let start = at;
    while (start > 0 && isSpace(work[start - 1]) && at - start <= longestIndent) start -= 1;
    if (start === 0) return this.atLineStart ? 0 : -1;
    return work[start - 1] === newline ? start : -1;
  }

  /** The start of the last line if it may still become a command; otherwise the end. */
  private openStart(work: Buffer, from: number): number {
    const end = work.length;
    let at = end;
    while (at > from && end - at < 2 && work[at - 1] === 35) at -= 1;
    if (at === end && at > from && work[at - 1] === 58) at -= 1;
    while (at > from && isSpace(work[at - 1]) && end - at <= longestIndent) at -= 1;
    if (at === end) return end;
    const begins = at === 0 ? this.atLineStart : at === from || work[at - 1] === newline;
    return begins ? at : end;
  }

  private hold(bytes: Uint8Array): void {
    this.held = [bytes];
    this.heldLength = bytes.length;
    this.atLineStart = true;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}

function lineOf(work: Buffer, start: number, end: number): string {
  return work.toString("utf8", start, work[end - 1] === 13 ? end - 1 : end);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
