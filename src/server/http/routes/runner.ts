import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { leaseSchema, reportSchema, type Assignment, type Lease } from "../../../model/index.ts";
import type { RunnerChannel } from "../../../runner/index.ts";
import type { App, AppOptions } from "../app.ts";
import { goneSignal } from "../gone.ts";
import { bearerOf, identityOf } from "../guard.ts";

/** Output comes in pieces; a larger one is a mistake, in bytes. */
const logLimit = 8 * 1024 * 1024;
const reportLimit = 16 * 1024 * 1024;

const fence = z.coerce.number().int().positive();
/** Shown on the page and in terminals, so control characters are not allowed. */
const shown = z.string().regex(/^\P{Cc}*$/u, "it contains control characters");
const labels = z.array(shown.min(1).max(200)).max(100);
const params = z.object({ job: z.string().max(64) });
/** Plain JSON that the runner parses with its own schema. */
const assignments = z.array(z.custom<Assignment>());

/** The wire format of `RunnerChannel`. The service behind it checks every fencing number. */
export async function registerRunner(app: App, { services, tokens, ending }: AppOptions): Promise<void> {
  const tags = ["runner protocol"];
  const { control } = services;
  const access = "runner" as const;

  app.post(
    "/api/v1/runner/register",
    {
      config: { access: "registrar" },
      schema: {
        tags,
        summary: "Registers a runner and returns its own token; with that token, updates name, labels and capacity",
        body: z.object({ name: shown.trim().min(1).max(100), labels, capacity: z.number().int().min(1).max(1000) }),
        response: { 200: z.object({ id: z.string(), token: z.string() }) },
      },
    },
    async (request, reply) => {
      const { runnerId, name: by } = identityOf(request);
      const { id } = await control.registerRunner({
        ...request.body,
        ...(runnerId === undefined ? {} : { id: runnerId }),
      });
      // It already used its own token; the response has the same shape both times.
      if (runnerId !== undefined) return { id, token: bearerOf(request) };
      const own = {
        name: `runner ${request.body.name}`,
        role: "runner",
        runnerId: id,
        createdAt: services.now(),
      } as const;
      const { token } = await tokens.create(own, by);
      reply.header("cache-control", "no-store");
      return { id, token };
    },
  );

  app.post(
    "/api/v1/runner/lease",
    {
      config: { access },
      schema: {
        tags,
        summary: "Waits for matching jobs",
        body: z.object({
          labels,
          free: z.number().int().min(1).max(1000),
          holds: z.array(leaseSchema).max(1000),
          waitMs: z.number().int().min(0).max(30_000),
        }),
        response: { 200: z.object({ assignments }) },
      },
    },
    async (request, reply) => ({
      assignments: [...(await channelOf(request).lease(request.body, AbortSignal.any([goneSignal(reply), ending])))],
    }),
  );

  app.post(
    "/api/v1/runner/jobs/:job/begin",
    {
      config: { access },
      schema: {
        tags,
        summary: "Begins a job: the runner must not start its first process before the response",
        params,
        body: z.object({ fence }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      await channelOf(request).begin(leaseOf(request.params.job, request.body.fence));
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/v1/runner/jobs/:job/heartbeat",
    {
      config: { access },
      schema: {
        tags,
        summary: "Reports that a job is alive; responds after 5 s, or at once if it is cancelled",
        params,
        body: z.object({ fence }),
        response: { 200: z.object({ cancel: z.boolean() }) },
      },
    },
    async (request, reply) =>
      channelOf(request).heartbeat(
        leaseOf(request.params.job, request.body.fence),
        AbortSignal.any([goneSignal(reply), ending]),
      ),
  );

  app.post(
    "/api/v1/runner/jobs/:job/report",
    {
      bodyLimit: reportLimit,
      config: { access },
      schema: {
        tags,
        summary: "Adds to a job's report",
        params,
        body: z.object({ fence, from: z.number().int().min(0), entries: z.array(reportSchema).max(10_000) }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      const { from, entries } = request.body;
      await channelOf(request).report(leaseOf(request.params.job, request.body.fence), from, entries);
      await reply.code(204).send();
    },
  );

  await app.register(async (scope) => {
    scope.addContentTypeParser(
      "application/octet-stream",
      { parseAs: "buffer", bodyLimit: logLimit },
      (_request, body, done) => done(null, body),
    );
    scope.withTypeProvider<ZodTypeProvider>().put(
      "/api/v1/runner/jobs/:job/steps/:step/log",
      {
        bodyLimit: logLimit,
        config: { access },
        schema: {
          tags,
          summary: "Appends to a step's log at an offset",
          params: params.extend({ step: z.coerce.number().int().min(0).max(100_000) }),
          querystring: z.object({ fence, offset: z.coerce.number().int().min(0) }),
          body: z.instanceof(Uint8Array).meta({ type: "string", format: "binary" }),
          consumes: ["application/octet-stream"],
          response: { 200: z.object({ length: z.number().int() }) },
        },
      },
      async (request) => {
        const { job, step } = request.params;
        return channelOf(request).log(leaseOf(job, request.query.fence), step, request.query.offset, request.body);
      },
    );
  });

  function channelOf(request: Parameters<typeof identityOf>[0]): RunnerChannel {
    return control.channelFor(identityOf(request).runnerId ?? "");
  }
}

function leaseOf(job: string, fence: number): Lease {
  return { job, fence };
}
