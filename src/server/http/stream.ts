import { PassThrough } from "node:stream";
import type { FastifyReply } from "fastify";
import { SluiceError } from "../../model/index.ts";
import { Shares } from "./shares.ts";

/** Keep-alive interval of a silent stream, in milliseconds: proxies close silent connections. */
const heartbeat = 15_000;
/** How long a slow reader can block the stream, in milliseconds; then the stream ends, and the browser resumes it. */
const patience = 30_000;
const bufferLimit = 256 * 1024;

/** One response of server-sent events. Its memory for a slow reader is bounded. */
export class EventStream {
  readonly #body = new PassThrough({ highWaterMark: bufferLimit });
  readonly #closed = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      // A blocked reader gets no keep-alives either.
      if (!this.#body.writableNeedDrain) this.#body.write(": \n\n");
    }, heartbeat);
    this.#timer.unref();
    this.#body.once("close", () => this.#finish());
    this.#body.on("error", () => this.#finish());
    // Sends headers and the first bytes at once, so that the browser knows it is connected.
    this.#body.write("retry: 1000\n\n");
  }

  /** Aborted when the reader is gone or too slow, or the server stops. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** Whether the reader keeps up. */
  get hasRoom(): boolean {
    return !this.#body.writableNeedDrain;
  }

  /** Writes one event without waiting. False once the stream is over or the reader has fallen behind. */
  push(event: string, data: unknown, id?: string): boolean {
    if (this.#body.writableEnded || this.#body.destroyed) return false;
    // JSON has no raw line breaks, so one data line is enough.
    return this.#body.write(
      `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    );
  }

  /** Writes one event and waits until the reader has room again. False if the stream is over. */
  async send(event: string, data: unknown, id?: string): Promise<boolean> {
    if (!this.push(event, data, id) && !this.signal.aborted) await this.#room();
    return !this.signal.aborted;
  }

  end(): void {
    this.#body.end();
    this.#finish();
  }

  /** Passes the stream to Fastify as the response body. */
  answer(reply: FastifyReply): FastifyReply {
    reply.raw.once("close", () => this.#body.destroy());
    return reply
      .headers({
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      })
      .send(this.#body);
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#body.off("drain", done);
        this.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#body.destroy();
        done();
      }, patience);
      this.#body.once("drain", done);
      this.signal.addEventListener("abort", done, { once: true });
    });
  }

  #finish(): void {
    clearInterval(this.#timer);
    this.#closed.abort();
  }
}

/** All open streams: limits their number, and ends them when the server stops. */
export class OpenStreams {
  readonly #open = new Set<EventStream>();
  readonly #shares: Shares;
  #ended = false;

  constructor(total = 500, each = 100) {
    this.#shares = new Shares({ what: "live streams", total, each });
  }

  /** How many are open, and how many were refused. */
  get shares(): Pick<Shares, "size" | "refused"> {
    return this.#shares;
  }

  /** Throws `rate-limited` if the holder has too many, `unavailable` if all are in use or the server is stopping. */
  open(holder: string): EventStream {
    if (this.#ended) throw new SluiceError("unavailable", "The server is shutting down.");
    const giveBack = this.#shares.take(holder);
    const stream = new EventStream();
    this.#open.add(stream);
    const closed = (): void => {
      this.#open.delete(stream);
      giveBack();
    };
    stream.signal.addEventListener("abort", closed, { once: true });
    return stream;
  }

  endAll(): void {
    this.#ended = true;
    for (const stream of this.#open) stream.end();
  }
}
