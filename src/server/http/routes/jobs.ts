import * as z from "zod";
import { jobSchema } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

const params = z.object({ id: z.string().max(64) });

/** Single jobs: one attempt of a job of a run. */
export function registerJobs(app: App, { services }: AppOptions): void {
  const tags = ["jobs"];
  const { control } = services;

  app.get(
    "/api/v1/jobs/:id",
    {
      config: { access: "viewer" },
      schema: { tags, summary: "One job with its steps", params, response: { 200: jobSchema } },
    },
    async (request) => control.job(request.params.id),
  );

  app.post(
    "/api/v1/jobs/:id/cancel",
    {
      config: { access: "writer" },
      schema: { tags, summary: "Cancels one job", params, response: { 202: z.object({}) } },
    },
    async (request, reply) => {
      await control.cancelJob(request.params.id, identityOf(request).name);
      return reply.code(202).send({});
    },
  );
}
