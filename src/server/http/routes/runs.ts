import * as z from "zod";
import { noticeSchema, runDetailSchema, runSchema, runStatus, runnerSchema } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

const params = z.object({ id: z.string().max(64) });

const filterSchema = z.object({
  repository: z.string().max(201).optional(),
  status: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(runStatus))
    .optional()
    .describe("One or more states, separated by commas."),
  text: z
    .string()
    .max(200)
    .optional()
    .describe("Part of the ref, title or author, the beginning of the commit, or a number: `12`, `#12`, `shop #12`."),
  before: z.string().max(64).optional().describe("Runs older than this one: `next` of the previous page."),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** Runs: lists, one run with everything in it, cancelling and re-running. */
export function registerRuns(app: App, { services }: AppOptions): void {
  const tags = ["runs"];
  const { control } = services;

  app.get(
    "/api/v1/runs",
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "Runs, newest first",
        querystring: filterSchema,
        response: { 200: z.object({ runs: z.array(runSchema), next: z.string().optional() }) },
      },
    },
    async (request) => {
      const { limit, repository, status, text, before } = request.query;
      // One more than requested shows whether there is a next page.
      const found = await control.runs({
        limit: limit + 1,
        ...(repository === undefined ? {} : { repository }),
        ...(status === undefined ? {} : { status }),
        ...(text === undefined || text === "" ? {} : { text }),
        ...(before === undefined ? {} : { before }),
      });
      const runs = found.slice(0, limit);
      const last = runs.at(-1);
      return { runs, ...(found.length > limit && last !== undefined ? { next: last.id } : {}) };
    },
  );

  app.get(
    "/api/v1/runs/:id",
    {
      config: { access: "viewer" },
      schema: { tags, summary: "One run with its jobs and steps", params, response: { 200: runDetailSchema } },
    },
    async (request) => control.run(request.params.id),
  );

  app.post(
    "/api/v1/runs/:id/cancel",
    {
      config: { access: "writer" },
      schema: { tags, summary: "Cancels a run", params, response: { 202: z.object({}) } },
    },
    async (request, reply) => {
      await control.cancelRun(request.params.id, identityOf(request).name);
      return reply.code(202).send({});
    },
  );

  app.post(
    "/api/v1/runs/:id/rerun",
    {
      config: { access: "writer" },
      schema: {
        tags,
        summary: "Re-runs everything, or what failed and its dependents",
        params,
        body: z.object({ mode: z.enum(["all", "failed"]) }),
        response: { 202: z.object({}) },
      },
    },
    async (request, reply) => {
      await control.rerun(request.params.id, request.body.mode, identityOf(request).name);
      return reply.code(202).send({});
    },
  );

  app.get(
    "/api/v1/now",
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "What is running, what waits and why, and what failed recently",
        response: {
          200: z
            .object({
              running: z.array(runSchema),
              waiting: z.array(runSchema),
              failed: z.array(runSchema),
              runners: z.array(runnerSchema),
              queuedJobs: z.number().int(),
              notices: z.array(noticeSchema),
            })
            .meta({ id: "Now" }),
        },
      },
    },
    async () => {
      const now = await control.now();
      return {
        ...now,
        running: [...now.running],
        waiting: [...now.waiting],
        failed: [...now.failed],
        runners: [...now.runners],
        notices: [...now.notices],
      };
    },
  );

  app.get(
    "/api/v1/runners",
    {
      config: { access: "viewer" },
      schema: {
        tags: ["runners"],
        summary: "All runners",
        response: { 200: z.object({ runners: z.array(runnerSchema) }) },
      },
    },
    async () => ({ runners: [...(await control.runners())] }),
  );
}
