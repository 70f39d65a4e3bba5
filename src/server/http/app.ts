import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type RawServerDefault,
} from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import swagger from "@fastify/swagger";
import { SluiceError, messageOf, version } from "../../model/index.ts";
import type { CloneTokens } from "../repositories/index.ts";
import { finishDocument } from "./document.ts";
import { registerGit } from "./git.ts";
import { guard, type GuardOptions } from "./guard.ts";
import type { Tokens } from "./identity.ts";
import { registerPage } from "./page.ts";
import type { Services } from "./port.ts";
import { toProblem } from "./problem.ts";
import { registerRoutes } from "./routes/index.ts";
import type { Sessions } from "./session.ts";
import type { Shares } from "./shares.ts";
import type { OpenStreams } from "./stream.ts";

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface AppOptions {
  readonly services: Services;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly cloneTokens: CloneTokens;
  readonly streams: OpenStreams;
  /** Maximum number of git processes at once, shared between clients. */
  readonly gitPlaces: Shares;
  /** Maximum size of a pushed pack, in bytes. */
  readonly pushLimit: number;
  readonly logger: FastifyBaseLogger;
  readonly guard: Omit<GuardOptions, "tokens" | "sessions">;
  /** Aborted when the server begins to stop: waiting requests are answered at once. */
  readonly ending: AbortSignal;
  /** Folder of the built page; absent if it was not built. */
  readonly webRoot?: string;
}

/** Maximum size of request bodies that are read whole, in bytes; streams have their own limits. */
const bodyLimit = 1024 * 1024;
/** Timeout for receiving a body that is read whole, in milliseconds. */
const bodyPatience = 30_000;

/** All routes, behind any listener: pass requests to `app.routing` once it is ready. */
export async function createApp(options: AppOptions): Promise<App> {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1024 },
    // Detected before routing, so no hook sees it: a URL that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      const problem = toProblem(new SluiceError("call-invalid", "The URL is invalid.", { cause: error }), request.id);
      reply.hijack();
      reply.raw
        .writeHead(problem.status, { ...securityHeaders, "content-type": "application/problem+json; charset=utf-8" })
        .end(JSON.stringify(problem));
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("identity", undefined);
  addErrors(app, (error) => options.services.control.reportFailure(error));
  addGuards(app, options);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Sluice",
        version,
        description:
          "The API of the page, the command line, runners and scripts. Errors are problem documents (RFC 9457) with a stable code.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: finishDocument,
  });
  await registerRoutes(app, options);
  await registerGit(app, options);
  await registerPage(app, options.webRoot);
  return app;
}

function addGuards(app: App, options: AppOptions): void {
  app.addHook("onRoute", (route) => {
    if (route.config?.access === undefined) throw new Error(`The route ${route.url} does not say who may call it.`);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    await guard(request, { ...options.guard, tokens: options.tokens, sessions: options.sessions });
    if (!request.raw.complete && request.routeOptions.config.streams !== true) limitBodyTime(request);
  });
  app.addHook("preClose", async () => options.streams.endAll());
}

/** Ends a connection that sends its body too slowly: a few of them must not hold what others need. */
function limitBodyTime(request: FastifyRequest): void {
  const timer = setTimeout(() => {
    if (!request.raw.complete) request.raw.destroy();
  }, bodyPatience);
  timer.unref();
  request.raw.once("close", () => clearTimeout(timer));
}

function addErrors(app: App, reportFailure: (error: unknown) => void): void {
  app.setErrorHandler(async (error, request, reply) => {
    const problem = toProblem(error, request.id);
    reportFailure(error);
    if (problem.status >= 500)
      request.log.error(
        {
          // Not a bug to trace, and every request fails in the same way until it passes.
          ...(problem.code === "unavailable" || problem.code === "storage-full"
            ? { code: problem.code, error: messageOf(error) }
            : { err: error }),
          method: request.method,
          route: request.routeOptions.url,
          request: request.id,
        },
        "a request failed",
      );
    else
      request.log.debug(
        {
          method: request.method,
          route: request.routeOptions.url,
          status: problem.status,
          code: problem.code,
          reason: messageOf(error),
        },
        "a request was rejected",
      );
    if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="Sluice"');
    // In seconds: the server may recover at once; a share is used up by its holder.
    if (problem.status === 503) reply.header("retry-after", "1");
    if (problem.status === 429) reply.header("retry-after", "5");
    if (!request.raw.complete) {
      // A client that is still sending would not read the response; the rest ends with the connection.
      if (request.routeOptions.config.streams === true) await drain(request);
      reply.header("connection", "close");
    }
    return reply
      .code(problem.status)
      .type("application/problem+json; charset=utf-8")
      .serializer(JSON.stringify)
      .send(problem);
  });
  app.setNotFoundHandler(async (request) => {
    throw new SluiceError("not-found", `No route for ${request.method} ${request.url.split("?")[0] ?? ""}.`, {
      help: "The API is described at /openapi.json.",
    });
  });
}

/** Discards the rest of a body, up to 64 MiB and 5 s of it. */
async function drain(request: FastifyRequest): Promise<void> {
  const { raw } = request;
  if (raw.destroyed || raw.readableEnded) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > 64 * 1024 * 1024) done();
    };
    const timer = setTimeout(() => done(), 5000);
    const done = (): void => {
      clearTimeout(timer);
      raw.off("data", take);
      resolve();
    };
    raw.once("end", done).once("close", done).once("error", done).on("data", take);
    // An earlier reader may have stopped it.
    raw.resume();
  });
}

/** The page runs only our own script and style files, and no other page can frame it. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;
