import type { Server } from "node:http";
import type { FastifyRequest } from "fastify";
import { SluiceError } from "../../model/index.ts";
import { allows, type Identity, type Tokens } from "./identity.ts";
import type { Sessions } from "./session.ts";

/** Who may call a route. Every route declares it; the server refuses to build one that does not. */
export type Access = "public" | "viewer" | "writer" | "admin" | "runner" | "registrar" | "git";

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
    /** The body is a stream of any length and any duration. */
    streams?: boolean;
  }
  interface FastifyRequest {
    identity: Identity | undefined;
  }
}

export interface GuardOptions {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  /** Allowed names in a Host header; undefined if the server cannot know them (it listens on a network). */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Allowed origins besides the request's own host: the external URL. */
  readonly externalOrigin: string | undefined;
  /** The server behind the control socket, which only the owner of the data folder can open. */
  readonly isLocal: (request: FastifyRequest) => boolean;
}

const local: Identity = { id: "local", name: "local", role: "admin", ambient: false };

/**
 * Accepts a request or throws: checks first that it names us (against DNS rebinding), then who it is, then that a
 * writing browser request comes from our own page, then that the role is sufficient.
 */
export async function guard(request: FastifyRequest, options: GuardOptions): Promise<void> {
  const isLocal = options.isLocal(request);
  if (!isLocal) checkHost(request, options.hosts);
  request.identity = isLocal ? local : await identify(request, options);
  if (request.method !== "GET" && request.method !== "HEAD") checkOrigin(request, options.externalOrigin);
  checkAccess(request.routeOptions.config.access ?? "public", request.identity);
}

function checkHost(request: FastifyRequest, hosts: ReadonlySet<string> | undefined): void {
  if (hosts === undefined) return;
  const name = hostName(request.headers.host);
  if (name !== undefined && hosts.has(name)) return;
  throw new SluiceError("forbidden", "The request's Host header names another server.", {
    help: "Use the address that the server printed. If a proxy is in front, set externalUrl in the configuration.",
  });
}

/** The name in a Host header, without the port. */
export function hostName(host: string | undefined): string | undefined {
  return host === undefined ? undefined : /^(\[[^\]]+\]|[^:/@]+)(?::\d+)?$/.exec(host)?.[1]?.toLowerCase();
}

async function identify(request: FastifyRequest, options: GuardOptions): Promise<Identity | undefined> {
  // Git clients send Basic credentials, which their own route checks.
  if (request.routeOptions.config.access === "git") return undefined;
  const { authorization, cookie } = request.headers;
  if (authorization === undefined) return options.sessions.find(cookie);
  const identity = await options.tokens.find(bearerOf(request));
  if (identity === undefined) throw new SluiceError("unauthenticated", "The token is wrong or was revoked.");
  return identity;
}

/** The token of a request; empty if it has none. */
export function bearerOf(request: FastifyRequest): string {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/**
 * SameSite=Strict keeps other sites out, but another port of the same machine is the same site: so write requests must
 * come from our own origin if the browser says it, and a session's requests must say it.
 */
function checkOrigin(request: FastifyRequest, externalOrigin: string | undefined): void {
  const { origin, host } = request.headers;
  if (origin === undefined) {
    if (request.identity?.ambient !== true || request.headers["x-sluice-request"] !== undefined) return;
    throw new SluiceError("forbidden", "A request of a signed-in browser must name its origin.", {
      help: "Send an Origin or X-Sluice-Request header, or use a bearer token.",
    });
  }
  if (origin === `http://${host ?? ""}` || origin === `https://${host ?? ""}` || origin === externalOrigin) return;
  throw new SluiceError("forbidden", "The request comes from another site.");
}

function checkAccess(access: Access, identity: Identity | undefined): void {
  if (access === "public" || access === "git") return;
  if (identity === undefined) throw new SluiceError("unauthenticated", "The request has no token.");
  if (isEnough(access, identity)) return;
  throw new SluiceError(
    "forbidden",
    `The token "${identity.name}" (${identity.role}) cannot do that: it needs ${describe[access]}.`,
  );
}

function isEnough(access: Exclude<Access, "public" | "git">, identity: Identity): boolean {
  if (access === "runner") return identity.runnerId !== undefined;
  if (access === "registrar") return identity.role === "runner" || identity.role === "admin";
  return identity.role !== "runner" && allows(identity.role, access);
}

const describe: Readonly<Record<Exclude<Access, "public" | "git">, string>> = {
  viewer: "a viewer, writer or admin",
  writer: "a writer or admin",
  admin: "an admin",
  runner: "a runner's own token",
  registrar: "a runner or admin",
};

/** The identity of an accepted request. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === undefined) throw new SluiceError("unauthenticated", "The request has no token.");
  return request.identity;
}

/** Names that a server on loopback accepts; undefined for any other address, where only the external URL is known. */
export function allowedHosts(
  listen: { readonly host: string },
  externalUrl: string | undefined,
): ReadonlySet<string> | undefined {
  const loopback = listen.host === "localhost" || listen.host === "::1" || listen.host.startsWith("127.");
  if (!loopback) return undefined;
  const names = ["localhost", "127.0.0.1", "[::1]", listen.host.includes(":") ? `[${listen.host}]` : listen.host];
  return new Set([...names, ...(externalUrl === undefined ? [] : [new URL(externalUrl).hostname])]);
}

/** Records which connections came in through a server, to recognise requests from the control socket. */
export function connectionsOf(server: Server): (request: FastifyRequest) => boolean {
  const sockets = new WeakSet<object>();
  server.on("connection", (socket) => sockets.add(socket));
  return (request) => sockets.has(request.raw.socket);
}
