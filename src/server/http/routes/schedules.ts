import * as z from "zod";
import { schedulesSchema } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

/** Schedules. */
export function registerSchedules(app: App, { services }: AppOptions): void {
  const tags = ["schedules"];
  const { control, repositories } = services;

  app.get(
    "/api/v1/schedules",
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "The schedules of all repositories, and why others never run",
        response: { 200: schedulesSchema },
      },
    },
    async () => writable(await control.schedules.list()),
  );

  app.get(
    "/api/v1/repositories/:name/schedules",
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "The schedules of one repository's default branch",
        params: z.object({
          name: z.string().max(201).describe("Name of the repository; the slash of `owner/name` is written %2F."),
        }),
        response: { 200: schedulesSchema },
      },
    },
    async (request) => writable(await control.schedules.list((await repositories.byName(request.params.name)).id)),
  );

  app.post(
    "/api/v1/schedules/:id/run",
    {
      config: { access: "writer" },
      schema: {
        tags,
        summary: "Starts a schedule now, in addition to its due times",
        params: z.object({ id: z.string().max(64) }),
        response: { 202: z.object({ event: z.string().describe("Id of the accepted event; its run follows.") }) },
      },
    },
    async (request, reply) => {
      const started = await control.schedules.run(request.params.id, identityOf(request).name);
      return reply.code(202).send(started);
    },
  );
}

function writable({
  schedules,
  problems,
}: Awaited<ReturnType<AppOptions["services"]["control"]["schedules"]["list"]>>): z.infer<typeof schedulesSchema> {
  return { schedules: [...schedules], problems: [...problems] };
}
