/** What waits of a job is held in memory up to so many bytes; then a block of it is printed all the same. */
const mostHeld = 4 * 1024 * 1024;
/** A line may be this long before it is printed without its end. */
const longestLine = 65_536;
const newline = 10;

interface Pending {
  parts: Uint8Array[];
  bytes: number;
}

/**
 * Prints what jobs say that run at the same time, each in blocks of its own. One job has the floor, and is seen live; the
 * others are held until it ends. A job that ends is printed whole at once, whoever has the floor: a failure is seen when
 * it happens. Where a job goes on below another's block, a line says so. No line of one is cut by another's.
 */
export class Blocks {
  readonly #write: (content: Uint8Array) => Promise<void> | void;
  readonly #goesOn: (job: string) => string;
  /** What is not printed yet of each job that has spoken and not ended, in the order in which they began. */
  readonly #open = new Map<string, Pending>();
  #floor: string | undefined;
  /** Jobs of which something was printed, and the one of the last block. */
  readonly #begun = new Set<string>();
  #last: string | undefined;
  /** The last line that was printed has its end. */
  #whole = true;

  /** @param goesOn the line above the rest of a job's output. */
  constructor(write: (content: Uint8Array) => Promise<void> | void, goesOn: (job: string) => string) {
    this.#write = write;
    this.#goesOn = goesOn;
  }

  /** Resolves when the reader keeps up with what was printed. */
  say(job: string, content: Uint8Array): Promise<void> | void {
    const pending = this.#open.get(job) ?? { parts: [], bytes: 0 };
    this.#open.set(job, pending);
    pending.parts.push(content);
    pending.bytes += content.length;
    this.#floor ??= job;
    return this.#floor === job || pending.bytes > mostHeld ? this.#release(job, pending) : undefined;
  }

  /** The job says nothing more: what is held of it is printed, and the floor goes to the next when it had it. */
  end(job: string): void {
    const pending = this.#open.get(job);
    if (pending !== undefined) void this.#print(job, Buffer.concat(pending.parts));
    this.#open.delete(job);
    this.#begun.delete(job);
    if (this.#floor !== job) return;
    const [next] = this.#open;
    this.#floor = next?.[0];
    if (next !== undefined) void this.#release(...next);
  }

  /** Prints what is held: while there are others, only whole lines. */
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
    const head = this.#last === job ? "" : `${this.#whole ? "" : "\n"}${this.#begun.has(job) ? this.#goesOn(job) : ""}`;
    this.#begun.add(job);
    this.#last = job;
    this.#whole = content.at(-1) === newline;
    return this.#write(head === "" ? content : Buffer.concat([Buffer.from(head), content]));
  }
}
