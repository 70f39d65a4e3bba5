import { SluiceError } from "../model/index.ts";
import { Pace } from "./pace.ts";

/** Maximum bytes per write. */
const writeBytes = 1024 * 1024;
/** Bytes that are sent without waiting for more. */
const soonBytes = 256 * 1024;
/** How long fewer bytes wait for more since the last write, in milliseconds. */
const spacingMs = 50;

export interface LogStreamOptions {
  /**
   * Appends at an offset and returns the stored length; retries while the server is unavailable. Rejects when the job
   * is dropped.
   */
  readonly write: (offset: number, bytes: Uint8Array) => Promise<{ readonly length: number }>;
  /** Notified when bytes are stored and no longer waiting. */
  readonly stored: (bytes: number) => void;
}

/**
 * One step's log in transit: holds the bytes that the server has not acknowledged, and sends them in order, one write
 * at a time.
 */
export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #pace = new Pace(spacingMs);
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The offset of the first waiting byte. */
  #offset = 0;
  #flushing = 0;
  #closed = false;
  #sending: Promise<void> | undefined;

  constructor(options: LogStreamOptions) {
    this.#options = options;
  }

  /** Adds bytes, which must not change afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#closed) {
      this.#options.stored(bytes.length);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#urgent()) this.#pace.hurry();
    this.#start();
  }

  /** Sends what is waiting without delay; resolves when all of it is stored. Rejects when the job is dropped. */
  async flush(): Promise<void> {
    this.#flushing += 1;
    try {
      this.#pace.hurry();
      while (this.#sending !== undefined) await this.#sending;
    } finally {
      this.#flushing -= 1;
    }
  }

  #urgent(): boolean {
    return this.#flushing > 0 || this.#waitingBytes >= soonBytes;
  }

  #start(): void {
    if (this.#sending !== undefined) return;
    const sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      // Bytes may have arrived since the last check.
      if (this.#waitingBytes > 0 && !this.#closed) this.#start();
    });
    // A flush reports the failure to its caller; otherwise the job is dropped, and so are its bytes.
    sending.catch(() => {
      this.#drop();
    });
    this.#sending = sending;
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#waitingBytes > 0) {
        await this.#pace.due(() => this.#urgent());
        await this.#send(this.#next());
      }
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** The bytes of the next write. They are kept until acknowledged. */
  #next(): Uint8Array {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (const part of this.#waiting) {
      if (size + part.length > writeBytes) {
        if (size === 0) return part.subarray(0, writeBytes);
        break;
      }
      parts.push(part);
      size += part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      const { length } = await this.#options.write(this.#offset, bytes);
      this.#acknowledge(Math.min(length - this.#offset, bytes.length));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      if (error.code === "log-closed") {
        // Late output: the step is over for the server, and nobody waits for it.
        this.#drop();
      } else if (
        error.code === "log-gap" &&
        "length" in error &&
        typeof error.length === "number" &&
        error.length < this.#offset
      ) {
        // The server lost acknowledged bytes (its disk, or a restored backup): continue at its end.
        this.#offset = error.length;
      } else {
        throw error;
      }
    }
  }

  #acknowledge(bytes: number): void {
    let left = Math.max(0, bytes);
    this.#offset += left;
    this.#waitingBytes -= left;
    this.#options.stored(left);
    while (left > 0) {
      const first = this.#waiting[0];
      if (first === undefined) break;
      if (first.length > left) {
        this.#waiting[0] = first.subarray(left);
        break;
      }
      left -= first.length;
      this.#waiting.shift();
    }
  }

  #drop(): void {
    this.#closed = true;
    const dropped = this.#waitingBytes;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    if (dropped > 0) this.#options.stored(dropped);
  }
}
