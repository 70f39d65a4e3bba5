import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { relative } from "node:path";
import { SluiceError, messageOf } from "../../model/index.ts";
import type { Listen } from "../../config/index.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An idle connection is closed after this time, in milliseconds; longer than any waiting request. */
const idleLimit = 120_000;
/**
 * Maximum connections at once, in total and per network address: whoever opens more cannot keep the others out. A proxy
 * is one address.
 */
const connectionLimit = 2000;
const connectionShare = 1000;
/** The longest path of a Unix socket, in bytes (sun_path, with its end). */
const socketPathLimit = 107;

/**
 * Listens before there is anything to answer: everything built afterwards knows the address, and requests that arrive
 * in the meantime wait for `serve` instead of being refused.
 */
export class Listener {
  readonly server: Server;
  /** Open connections, by the network they come from. */
  readonly #held = new Map<string, number>();
  #handler: Handler | undefined;
  #waiting: (() => void)[] = [];
  #closed: Promise<void> | undefined;

  constructor(share = connectionShare) {
    this.server = createServer(
      {
        headersTimeout: 15_000,
        requestTimeout: 0,
        keepAliveTimeout: 75_000,
        maxHeaderSize: 16 * 1024,
        connectionsCheckingInterval: 5000,
      },
      (request, response) => {
        if (this.#handler !== undefined) this.#handler(request, response);
        else this.#waiting.push(() => this.#handler?.(request, response));
      },
    );
    this.server.timeout = idleLimit;
    this.server.maxConnections = connectionLimit;
    this.server.on("connection", (socket) => {
      const from = networkOf(socket.remoteAddress);
      if (from !== undefined) this.#admit(socket, from, share);
    });
    this.server.on("clientError", (_error, socket) => {
      // A request that is not HTTP gets a minimal response, and nothing of it is logged.
      if (socket.writable) socket.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      socket.destroy();
    });
  }

  #admit(socket: Socket, from: string, share: number): void {
    const held = (this.#held.get(from) ?? 0) + 1;
    this.#held.set(from, held);
    socket.once("close", () => {
      const left = (this.#held.get(from) ?? 0) - 1;
      if (left > 0) this.#held.set(from, left);
      else this.#held.delete(from);
    });
    if (held > share) socket.destroy();
  }

  /** Rejects with `address-in-use`, or with `config-invalid` for an address that is not this machine's. */
  async listen(address: Listen): Promise<{ readonly port: number }> {
    await this.#bind((done) => this.server.listen(address.port, address.host, done)).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      const place = `${address.host}:${address.port}`;
      if (code === "EADDRINUSE")
        throw new SluiceError("address-in-use", `Another program is listening on ${place}.`, { cause: error });
      throw new SluiceError("config-invalid", `Cannot listen on ${place}: ${messageOf(error)}`, {
        cause: error,
      });
    });
    const bound = this.server.address();
    return { port: typeof bound === "object" && bound !== null ? bound.port : address.port };
  }

  /** Where programs on this machine reach what `listen` opened. A wildcard is not an address, but includes loopback. */
  get nearUrl(): string {
    const bound = this.server.address();
    if (typeof bound !== "object" || bound === null) throw new Error("The server is not listening yet.");
    const { address, port } = bound;
    const name =
      address === "0.0.0.0" || address === "::" ? "127.0.0.1" : address.includes(":") ? `[${address}]` : address;
    return `http://${name}:${port}`;
  }

  /**
   * Listens on a Unix socket that only the owner can open. Its folder must be closed to others, for the moment in
   * between.
   */
  async listenLocally(path: string): Promise<void> {
    // The caller holds the lock of the data folder, so anything here was left by a server that died.
    rmSync(path, { force: true });
    await this.#bind((done) => this.server.listen(socketAddress(path), done));
    chmodSync(path, 0o600);
  }

  /** Answers from now on, starting with the waiting requests. */
  serve(handler: Handler): void {
    this.#handler = handler;
    for (const answer of this.#waiting.splice(0)) answer();
  }

  /**
   * Accepts no new connections, and closes the idle ones; resolves when the last one has ended. Can be called again.
   */
  async close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
    await this.#closed;
  }

  /** Ends all connections, whatever they are doing. */
  async end(): Promise<void> {
    const closed = this.close();
    this.server.closeAllConnections();
    await closed;
  }

  async #bind(listen: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      listen(() => {
        this.server.off("error", reject);
        resolve();
      });
    });
  }
}

/**
 * The owner of a connection: an IPv4 address, or the 64-bit prefix of an IPv6 address, which belongs to one customer.
 * Undefined for a Unix socket.
 */
function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups =
    tail === undefined ? head.split(":") : [...head.split(":").filter((each) => each !== ""), "0", "0", "0", "0"];
  return groups.slice(0, 4).join(":");
}

/**
 * A path that fits into a socket address: the shorter of the absolute and the relative one. Throws `config-invalid` if
 * neither fits.
 */
export function socketAddress(path: string): string {
  const near = relative(process.cwd(), path);
  const shorter = Buffer.byteLength(near) < Buffer.byteLength(path) ? near : path;
  if (Buffer.byteLength(shorter) > socketPathLimit)
    throw new SluiceError("config-invalid", `The path ${path} is too long for a socket.`, {
      help: "Use a data folder with a shorter path.",
    });
  return shorter;
}
