import Fastify from "fastify";
import { CloneTokens } from "../repositories/index.ts";
import { signingKey } from "../storage/index.ts";
import { createApp } from "./app.ts";
import { Tokens } from "./identity.ts";
import type { Services } from "./port.ts";
import { Sessions } from "./session.ts";
import { gitPlaces } from "./shares.ts";
import { OpenStreams } from "./stream.ts";

/** The OpenAPI 3.1 document of the HTTP API, built from the routes without starting anything. */
export async function openapiDocument(): Promise<unknown> {
  const services = new Proxy<Services>(Object.create(null), {
    get: (_target, name) => {
      if (name in later) return new Proxy({}, { get: () => refuse });
      return refuse;
    },
  });
  const key = signingKey(new Uint8Array(32), "document");
  const tokens = new Tokens(services.store);
  const app = await createApp({
    services,
    tokens,
    sessions: new Sessions({ tokens, key, secure: false, now: () => 0 }),
    cloneTokens: new CloneTokens(key, () => 0),
    streams: new OpenStreams(),
    gitPlaces: gitPlaces(),
    pushLimit: 0,
    logger: Fastify({ logger: false }).log,
    guard: { hosts: undefined, externalOrigin: undefined, isLocal: () => false },
    ending: new AbortController().signal,
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

const later = { store: true, logs: true, blobs: true, control: true, repositories: true, git: true };

function refuse(): never {
  throw new Error("No request is served while the API is described.");
}
