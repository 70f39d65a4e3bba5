import type { Server } from "node:http";
import type { Config } from "../../config/index.ts";
import { messageOf } from "../../model/index.ts";
import { within } from "../signals.ts";
import { type Handler, Listener } from "./listener.ts";

/** How long requests in progress can take when the server shuts down, in milliseconds. */
const requestLimit = 3000;

/** The addresses of the server. Requests that arrive before `serve` wait for it. */
export class Network implements AsyncDisposable {
  /** The URL for people and runners: the external one, or the one it listens on. No trailing slash. */
  readonly url: string;
  readonly #public: Listener;
  readonly #local = new Listener();

  private constructor(listener: Listener, url: string) {
    this.#public = listener;
    this.url = url;
  }

  /**
   * Listens on the configured address. Rejects with `address-in-use`, or with `config-invalid` for one that is not this
   * machine's.
   */
  static async open({ listen, externalUrl }: Config): Promise<Network> {
    const listener = new Listener();
    const { port } = await listener.listen(listen);
    return new Network(listener, externalUrl ?? `http://${reachable(listen.host)}:${port}`);
  }

  /** Where programs of this machine reach it. */
  get nearUrl(): string {
    return this.#public.nearUrl;
  }

  /** What the command line of this machine connects to. */
  get localServer(): Server {
    return this.#local.server;
  }

  /**
   * Answers from now on, on the socket too. Without the socket, only the command line is affected: it can use --server
   * and --token.
   */
  async serve(handler: Handler, socket: string, warn: (detail: object, message: string) => void): Promise<void> {
    this.#public.serve(handler);
    this.#local.serve(handler);
    await this.#local
      .listenLocally(socket)
      .catch((error: unknown) => warn({ error: messageOf(error) }, "cannot open the control socket"));
  }

  /** Accepts no new requests. Active ones get their responses; slow or idle clients are not waited for. */
  async close(): Promise<void> {
    await within(requestLimit, Promise.all([this.#public.close(), this.#local.close()]));
  }

  /** Ends all connections, whatever they are doing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#public.end(), this.#local.end()]);
  }
}

/** A wildcard is not a usable address; other machines need `externalUrl` anyway. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
