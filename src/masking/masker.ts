import { Automaton } from "./automaton.ts";
import { formsOf } from "./forms.ts";

/** The values to mask in one job; everything that writes output uses it. */
export interface Masker {
  /** Also masks this value from now on, including in open streams. Empty and blank values are ignored. */
  add(value: string): void;
  /** The text with every form of every value replaced by `***`. */
  mask(text: string): string;
  /** Whether the text contains a form of a value. */
  reveals(text: string): boolean;
  /** Opens a stream for one output. */
  stream(): MaskStream;
}

/** Masks bytes that arrive in pieces, cut anywhere. */
export interface MaskStream {
  /**
   * Returns the bytes that can be released now. Bytes that may begin a secret are held back until the next write or the
   * flush: at most the longest form. Other bytes pass unchanged, without a copy if there is nothing to mask.
   */
  write(bytes: Uint8Array): readonly Uint8Array[];
  /** Releases what is held back: the output has ended. */
  flush(): readonly Uint8Array[];
}

const stars = Buffer.from("***");

/** Creates a masker for the given values. */
export function createMasker(values: Iterable<string>): Masker {
  const forms = new Map<string, Buffer>();
  let automaton: Automaton | undefined;
  const current = (): Automaton | undefined => {
    if (forms.size > 0) automaton ??= new Automaton([...forms.values()]);
    return automaton;
  };
  const add = (value: string): void => {
    for (const form of formsOf(value)) {
      const key = form.toString("latin1");
      if (forms.has(key)) continue;
      forms.set(key, form);
      automaton = undefined;
    }
  };
  const mask = (text: string): string => {
    if (forms.size === 0) return text;
    const stream = new Stream(current);
    return Buffer.concat([...stream.write(Buffer.from(text, "utf8")), ...stream.flush()]).toString("utf8");
  };
  for (const value of values) add(value);
  return { add, mask, reveals: (text) => finds(current(), text), stream: () => new Stream(current) };
}

function finds(automaton: Automaton | undefined, text: string): boolean {
  if (automaton === undefined) return false;
  let state = 0;
  for (const byte of Buffer.from(text, "utf8")) {
    state = automaton.step(state, byte);
    if (automaton.match[state] !== 0) return true;
  }
  return false;
}

/**
 * Masks the union of all matches, not only the leftmost: with the secrets `abcd` and `cdef`, `abcdef` must not become
 * `***ef`. A match can still extend to the left of a known one (`b` inside `abc`), so nothing is released while a
 * pattern prefix reaches it.
 */
class Stream implements MaskStream {
  private readonly current: () => Automaton | undefined;
  private automaton: Automaton | undefined;
  private state = 0;
  private held: Uint8Array = new Uint8Array(0);
  /** Matches inside `held` and the bytes being written: start, end, start, end … in order, not touching. */
  private matches: number[] = [];
  /** The last output was a mask: one that touches it adds no more stars. */
  private masked = false;

  constructor(current: () => Automaton | undefined) {
    this.current = current;
  }

  write(bytes: Uint8Array): readonly Uint8Array[] {
    const automaton = this.current();
    if (automaton === undefined || bytes.length === 0) return bytes.length === 0 ? [] : [bytes];
    let from = this.held.length;
    if (automaton !== this.automaton) {
      this.automaton = automaton;
      this.state = 0;
      from = 0;
    }
    const work = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    this.scan(automaton, work, from);
    return this.release(work, work.length - (automaton.depth[this.state] ?? 0));
  }

  flush(): readonly Uint8Array[] {
    const out = this.release(this.held, this.held.length);
    this.state = 0;
    this.masked = false;
    return out;
  }

  private scan(automaton: Automaton, work: Uint8Array, from: number): void {
    const { match } = automaton;
    let state = this.state;
    for (let index = from; index < work.length; index += 1) {
      if (state === 0) index = automaton.skip(work, index);
      state = automaton.step(state, work[index] ?? 0);
      const length = match[state] ?? 0;
      if (length !== 0) this.note(index + 1 - length, index + 1);
    }
    this.state = state;
  }

  private note(start: number, end: number): void {
    let first = start;
    while (this.matches.length > 0 && (this.matches.at(-1) ?? 0) >= first) {
      this.matches.pop();
      first = Math.min(first, this.matches.pop() ?? first);
    }
    this.matches.push(first, end);
  }

  /** Releases everything before `final`, and complete matches that begin before it. */
  private release(work: Uint8Array, final: number): readonly Uint8Array[] {
    const out: Uint8Array[] = [];
    let clean = 0;
    let used = 0;
    const literal = (end: number): void => {
      if (end <= clean) return;
      out.push(clean === 0 && end === work.length ? work : work.subarray(clean, end));
      clean = end;
      this.masked = false;
    };
    for (; used < this.matches.length && (this.matches[used] ?? 0) < final; used += 2) {
      literal(this.matches[used] ?? 0);
      if (!this.masked) out.push(stars);
      clean = Math.max(clean, this.matches[used + 1] ?? 0);
      this.masked = true;
    }
    literal(final);
    this.matches = this.matches.slice(used).map((place) => place - clean);
    // A copy: what is held is short, and must neither keep the whole chunk alive nor change with its buffer.
    this.held = clean === work.length ? new Uint8Array(0) : Uint8Array.prototype.slice.call(work, clean);
    return out;
  }
}
