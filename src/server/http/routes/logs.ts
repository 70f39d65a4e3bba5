import { Readable } from "node:stream";
import * as z from "zod";
import { SluiceError, logErrorsSchema, logPageSchema, logSearchSchema } from "../../../model/index.ts";
import { goneSignal } from "../gone.ts";
import { identityOf } from "../guard.ts";
import type { Services } from "../port.ts";
import { Shares } from "../shares.ts";
import type { App, AppOptions } from "../app.ts";
import { readLog, streamLog } from "../tail.ts";

const params = z.object({ job: z.string().max(64), step: z.coerce.number().int().min(0).max(100_000) });
const mostErrors = 1_000;
const line = z.coerce.number().int().min(1);

/** How long a search waits for its turn, in milliseconds: each can read a gigabyte. */
const patience = 30_000;

/** Logs of steps: ranges, search, download and the live tail. */
export function registerLogs(app: App, options: AppOptions): void {
  const tags = ["logs"];
  const { services, streams } = options;
  const { logs } = services;
  const base = "/api/v1/jobs/:job/steps/:step/log";
  const readings = new Shares({ what: "log searches", total: 8, each: 2 });

  app.get(
    base,
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "Lines of a log",
        params,
        querystring: z.object({
          first: z.coerce
            .number()
            .int()
            .default(1)
            .describe(
              "Number of the first line, from 1; a negative one counts from the end: -100 with count 100 returns the last 100 lines.",
            ),
          count: z.coerce.number().int().min(1).max(5000).default(1000),
        }),
        response: { 200: logPageSchema },
      },
    },
    async (request) => {
      const of = await logOf(services, request.params);
      const page = await readLog(
        services,
        of,
        request.query.first === 0 ? 1 : request.query.first,
        request.query.count,
      );
      return { ...page, lines: [...page.lines], times: [...page.times] };
    },
  );

  app.get(
    `${base}/search`,
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "Lines that contain a text, ignoring case",
        params,
        querystring: z.object({
          q: z.string().min(1).max(200),
          from: line.default(1),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: { 200: logSearchSchema },
      },
    },
    async (request, reply) => {
      const signal = goneSignal(reply);
      const { job, step } = await logOf(services, request.params);
      const { q, from, limit } = request.query;
      const giveBack = await readings.wait(identityOf(request).id, patience, signal);
      try {
        const found = await logs.search(job, step, q, { from, limit, signal });
        return { matches: [...found.matches], more: found.more };
      } finally {
        giveBack();
      }
    },
  );

  app.get(
    `${base}/errors`,
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "Lines that report a failure, and the one to start reading at",
        params,
        response: { 200: logErrorsSchema },
      },
    },
    async (request, reply) => {
      const signal = goneSignal(reply);
      const { job, step } = await logOf(services, request.params);
      const giveBack = await readings.wait(identityOf(request).id, patience, signal);
      try {
        const { lines, ...found } = await logs.errors(job, step, { limit: mostErrors, signal });
        return { ...found, lines: [...lines] };
      } finally {
        giveBack();
      }
    },
  );

  app.get(
    `${base}/raw`,
    {
      config: { access: "viewer" },
      schema: { tags, summary: "The whole raw log", params, produces: ["text/plain"] },
    },
    async (request, reply) => {
      const { job, step } = await logOf(services, request.params);
      return reply
        .headers({
          "content-type": "text/plain; charset=utf-8",
          "content-disposition": `attachment; filename="${job}-${step}.log"`,
        })
        .send(Readable.from(logs.raw(job, step, 0), { objectMode: false }));
    },
  );

  app.get(
    `${base}/stream`,
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "The log as it grows: `lines` events, and `closed` at the end; resumes by Last-Event-ID",
        params,
        querystring: z.object({ from: line.default(1) }),
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const { job, step } = await logOf(services, request.params);
      const resumed = line.safeParse(request.headers["last-event-id"]);
      const stream = streams.open(identityOf(request).id);
      void streamLog(stream, services, { job, step, from: resumed.success ? resumed.data : request.query.from }).catch(
        (error: unknown) => {
          request.log.error({ err: error, job, step }, "a live log ended early");
          stream.end();
        },
      );
      return stream.answer(reply);
    },
  );
}

/** The job must exist; its id is then ours, and no user's text reaches a file name. */
async function logOf(
  services: Services,
  wanted: { readonly job: string; readonly step: number },
): Promise<{ readonly job: string; readonly step: number }> {
  const row = await services.store.jobs.byId(wanted.job);
  if (row === undefined) throw new SluiceError("not-found", "No such job.");
  return { job: row.id, step: wanted.step };
}
