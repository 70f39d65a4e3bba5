import type { Config } from "../../config/index.ts";
import type { Logger } from "../log.ts";
import type { Network } from "../network/index.ts";
import type { Access } from "./access.ts";
import { createApp } from "./app.ts";
import { allowedHosts, connectionsOf } from "./guard.ts";
import { findWebRoot } from "./page-root.ts";
import type { Services } from "./port.ts";
import { gitPlaces } from "./shares.ts";
import { OpenStreams } from "./stream.ts";

export interface WebOptions {
  readonly config: Config;
  readonly services: Omit<Services, "ready">;
  readonly access: Access;
  readonly network: Network;
  /** Path of the control socket. */
  readonly socket: string;
  readonly logger: Logger;
  /** Folder of the built page; found beside the program if undefined. */
  readonly webRoot: string | undefined;
}

/** The API, git over HTTP and the page. */
export interface Web extends AsyncDisposable {
  /** The result of `/readyz`. */
  ready: boolean;
  /** Answers requests from now on. */
  start(): Promise<void>;
}

/** Builds all routes. Closing it ends live streams and waiting requests, and gives the others a few seconds. */
export async function openWeb(options: WebOptions): Promise<Web> {
  const { config, services, access, network, socket, logger } = options;
  const { tokens, sessions, cloneTokens } = access;
  const ending = new AbortController();
  const webRoot = options.webRoot ?? (await findWebRoot());
  const app = await createApp({
    services: { ...services, ready: () => web.ready },
    tokens,
    sessions,
    cloneTokens,
    streams: new OpenStreams(),
    gitPlaces: gitPlaces(),
    pushLimit: config.git.pushLimitMiB * 1024 * 1024,
    logger,
    ending: ending.signal,
    guard: {
      hosts: allowedHosts(config.listen, config.externalUrl),
      externalOrigin: config.externalUrl && new URL(config.externalUrl).origin,
      isLocal: connectionsOf(network.localServer),
    },
    ...(webRoot === undefined ? {} : { webRoot }),
  });
  await app.ready();
  const web: Web = {
    ready: false,
    async start() {
      await network.serve(
        (request, response) => app.routing(request, response),
        socket,
        (detail, message) => logger.warn(detail, message),
      );
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await app.close();
      await network.close();
    },
  };
  return web;
}
