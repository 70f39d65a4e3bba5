/** Bytes of a waiting job's output held in memory; beyond that a block is printed anyway. */
const mostHeld = 4 * 1024 * 1024;
/** Bytes of a line before it is printed without its end. */
const longestLine = 65_536;
const newline = 10;

interface Pending {
  parts: Uint8Array[];
  bytes: number;
}

/**
 * Prints the output of jobs that run at the same time in separate blocks. One job is live: its output is printed as it
 * comes, and that of the others is held until it finishes. A job that finishes is printed in full at once, live or not,
 * so a failure shows when it happens. If a job continues below another's block, a line says so. Lines never mix.
 */
export class Blocks {
  readonly #write: (content: Uint8Array) => Promise<void> | void;
  readonly #continues: (job: string) => string;
  /** Unprinted output of every job that has printed something and not finished, in the order they began. */
  readonly #open = new Map<string, Pending>();
  #live: string | undefined;
  /** Jobs with printed output, and the job of the last block. */
  readonly #begun = new Set<string>();
  #last: string | undefined;
  /** Whether the last printed line is complete. */
  #whole = true;

  /** @param continues the line printed above the rest of a job's output. */
  constructor(write: (content: Uint8Array) => Promise<void> | void, continues: (job: string) => string) {
    this.#write = write;
    this.#continues = continues;
  }

  /** Resolves when the reader has caught up. */
  say(job: string, content: Uint8Array): Promise<void> | void {
    const pending = this.#open.get(job) ?? { parts: [], bytes: 0 };
    this.#open.set(job, pending);
    pending.parts.push(content);
    pending.bytes += content.length;
    this.#live ??= job;
    return this.#live === job || pending.bytes > mostHeld ? this.#release(job, pending) : undefined;
  }

  /** The job prints nothing more: prints what is held, and makes the next job live if this one was. */
  end(job: string): void {
    const pending = this.#open.get(job);
    if (pending !== undefined) void this.#print(job, Buffer.concat(pending.parts));
    this.#open.delete(job);
    this.#begun.delete(job);
    if (this.#live !== job) return;
    const [next] = this.#open;
    this.#live = next?.[0];
    if (next !== undefined) void this.#release(...next);
  }

  /** Prints what is held: only whole lines while there are other jobs. */
  #release(job: string, pending: Pending): Promise<void> | void {
    const all = Buffer.concat(pending.parts);
    const lines = all.lastIndexOf(newline) + 1;
    const size = this.#open.size === 1 || all.length - lines > longestLine ? all.length : lines;
    const rest = all.subarray(size);
    pending.parts = rest.length === 0 ? [] : [rest];
    pending.bytes = rest.length;
    return this.#print(job, all.subarray(0, size));
  }

  #print(job: string, content: Buffer): Promise<void> | void {
    if (content.length === 0) return undefined;
    const head =
      this.#last === job ? "" : `${this.#whole ? "" : "\n"}${this.#begun.has(job) ? this.#continues(job) : ""}`;
    this.#begun.add(job);
    this.#last = job;
    this.#whole = content.at(-1) === newline;
    return this.#write(head === "" ? content : Buffer.concat([Buffer.from(head), content]));
  }
}
