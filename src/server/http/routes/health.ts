import * as z from "zod";
import { SluiceError, version } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";
import { metrics } from "../metrics.ts";

/** For monitoring, and for authors of clients. */
export function registerHealth(app: App, options: AppOptions): void {
  const tags = ["operation"];
  const { services, streams, gitPlaces } = options;

  app.get(
    "/healthz",
    {
      config: { access: "public" },
      schema: {
        tags,
        summary: "The process responds",
        response: { 200: z.object({ status: z.literal("ok"), version: z.string() }) },
      },
    },
    async () => ({ status: "ok" as const, version }),
  );

  app.get(
    "/readyz",
    {
      config: { access: "public" },
      schema: {
        tags,
        summary: "The database responds, there is disk space, and pending work has been resumed",
        response: { 200: z.object({ status: z.literal("ready") }) },
      },
    },
    async () => {
      if (!services.ready() || options.ending.aborted)
        throw new SluiceError(
          "unavailable",
          options.ending.aborted ? "The server is shutting down." : "The server is starting.",
        );
      await services.store.runs.list({ limit: 1 });
      const [notice] = services.control.notices();
      // Anyone can request this: details in the message are only for signed-in users.
      if (notice !== undefined)
        throw new SluiceError("storage-full", `The storage has been full since ${notice.since}.`, {
          help: "The page and /api/v1/now say where, and what to do.",
        });
      return { status: "ready" as const };
    },
  );

  app.get(
    "/metrics",
    {
      config: { access: "viewer" },
      schema: { tags, summary: "Metrics in Prometheus' text format", produces: ["text/plain"] },
    },
    async (_request, reply) =>
      reply
        .type("text/plain; version=0.0.4; charset=utf-8")
        .send(await metrics(services, { streams: streams.shares, git: gitPlaces })),
  );

  app.get("/openapi.json", { config: { access: "public" }, schema: { hide: true } }, async () => app.swagger());
}
