import type { Server } from "node:http";
import type { FastifyRequest } from "fastify";
import { SluiceError } from "../../model/index.ts";
import { allows, type Identity, type Tokens } from "./identity.ts";
import type { Sessions } from "./session.ts";

/** Who may call a route. Every route says so; one that does not is refused when the server is built. */
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
  /** Names that a Host header may have; undefined when the server cannot know them (it is bound to a network). */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Origins besides the request's own host: the external address. */
  readonly externalOrigin: string | undefined;
  /** The server behind the control socket, which only the owner of the data folder can open. */
  readonly isLocal: (request: FastifyRequest) => boolean;
}

const local: Identity = { id: "local", name: "local", role: "admin", ambient: false };

/**
 * Lets a request in or throws: first that it names us (against DNS rebinding), then who it is, then that a
 * writing browser request comes from our own page, then that the role is enough.
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
    help: "Use the address that the server printed, or set externalUrl in the configuration when a proxy stands in front.",
  });
}

/** The name in a Host header, without the port. */
export function hostName(host: string | undefined): string | undefined {
  return host === undefined ? undefined : /^(\[[^\]]+\]|[^:/@]+)(?::\d+)?$/.exec(host)?.[1]?.toLowerCase();
}

async function identify(request: FastifyRequest, options: GuardOptions): Promise<Identity | undefined> {
  // Git clients send Basic credentials, which their own route looks at.
  if (request.routeOptions.config.access === "git") return undefined;
  const { authorization, cookie } = request.headers;
  if (authorization === undefined) return options.sessions.find(cookie);
  const identity = await options.tokens.find(bearerOf(request));
  if (identity === undefined) throw new SluiceError("unauthenticated", "The token is wrong or was revoked.");
  return identity;
}

/** The token of a request; empty when it has none. */
export function bearerOf(request: FastifyRequest): string {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/**
 * SameSite=Strict keeps other sites out, but another port of the same machine is the same site: so whatever writes
 * must come from our own origin where the browser tells it, and a session's requests must tell it.
 */
function checkOrigin(request: FastifyRequest, externalOrigin: string | undefined): void {
  const { origin, host } = request.headers;
  if (origin === undefined) {
    if (request.identity?.ambient !== true || request.headers["x-sluice-request"] !== undefined) return;
    throw new SluiceError("forbidden", "A signed-in browser's request must say where it comes from.", {
      help: "Send an Origin or X-Sluice-Request header, or use a bearer token.",
    });
  }
  if (origin === `http://${host ?? ""}` || origin === `https://${host ?? ""}` || origin === externalOrigin) return;
  throw new SluiceError("forbidden", "The request comes from another site.");
}

function checkAccess(access: Access, identity: Identity | undefined): void {
  if (access === "public" || access === "git") return;
  if (identity === undefined) throw new SluiceError("unauthenticated", "The request carries no token.");
  if (isEnough(access, identity)) return;
  throw new SluiceError(
    "forbidden",
    `The token "${identity.name}" (${identity.role}) may not do that: it needs ${describe[access]}.`,
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

/** The identity behind a request that the guard let in. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === undefined) throw new SluiceError("unauthenticated", "The request carries no token.");
  return request.identity;
}

/** Names that a server bound to loopback answers to; undefined for any other binding, where only an external address is known. */
export function allowedHosts(
  listen: { readonly host: string },
  externalUrl: string | undefined,
): ReadonlySet<string> | undefined {
  const loopback = listen.host === "localhost" || listen.host === "::1" || listen.host.startsWith("127.");
  if (!loopback) return undefined;
  const names = ["localhost", "127.0.0.1", "[::1]", listen.host.includes(":") ? `[${listen.host}]` : listen.host];
  return new Set([...names, ...(externalUrl === undefined ? [] : [new URL(externalUrl).hostname])]);
}

/** Remembers which connections came in through a server, for telling the control socket's requests from the others. */
export function connectionsOf(server: Server): (request: FastifyRequest) => boolean {
  const sockets = new WeakSet<object>();
  server.on("connection", (socket) => sockets.add(socket));
  return (request) => sockets.has(request.raw.socket);
}
