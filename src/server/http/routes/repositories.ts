import * as z from "zod";
import { repositoryNameSchema } from "../../../forge/index.ts";
import { repositorySchema } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

const params = z.object({
  name: z.string().max(201).describe("Name of the repository; the slash of `owner/name` is written %2F."),
});

/** Repositories: making, attaching, removing them, and starting workflows by hand. */
export function registerRepositories(app: App, { services }: AppOptions): void {
  const tags = ["repositories"];
  const { repositories } = services;

  app.get(
    "/api/v1/repositories",
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "All repositories",
        response: { 200: z.object({ repositories: z.array(repositorySchema) }) },
      },
    },
    async () => ({ repositories: [...(await repositories.list())] }),
  );

  app.post(
    "/api/v1/repositories",
    {
      config: { access: "admin" },
      schema: {
        tags,
        summary: "Makes an empty repository, or attaches a bare one of the server's machine",
        body: z.object({
          name: repositoryNameSchema,
          path: z
            .string()
            .min(1)
            .max(4096)
            .optional()
            .describe(
              "A bare repository on the server's machine; without it an empty one is made below the data folder.",
            ),
        }),
        response: { 201: repositorySchema },
      },
    },
    async (request, reply) => {
      const { name, path } = request.body;
      const wanted = { name, ...(path === undefined ? {} : { path }) };
      return reply.code(201).send(await repositories.create(wanted, identityOf(request).name));
    },
  );

  app.get(
    "/api/v1/repositories/:name",
    {
      config: { access: "viewer" },
      schema: { tags, summary: "One repository", params, response: { 200: repositorySchema } },
    },
    async (request) => repositories.view(await repositories.byName(request.params.name)),
  );

  app.delete(
    "/api/v1/repositories/:name",
    {
      config: { access: "admin" },
      schema: {
        tags,
        summary: "Forgets a repository and its runs; files of an attached one stay",
        params,
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      await repositories.remove(request.params.name, identityOf(request).name);
      await reply.code(204).send();
    },
  );

  app.post(
    "/api/v1/repositories/:name/dispatch",
    {
      config: { access: "writer" },
      schema: {
        tags,
        summary: "Starts workflows by hand",
        params,
        body: z.object({
          ref: z.string().min(1).max(1024).describe("A branch or tag."),
          workflow: z
            .string()
            .max(1024)
            .optional()
            .describe("The only workflow file to start; without it every one that can be started by hand."),
          inputs: z.record(z.string().max(200), z.string().max(65_536)).default({}),
        }),
        response: { 202: z.object({ event: z.string().describe("Id of the accepted event; its run follows.") }) },
      },
    },
    async (request, reply) => {
      const { ref, workflow, inputs } = request.body;
      const accepted = await repositories.dispatch(request.params.name, {
        ref,
        inputs,
        sender: identityOf(request).name,
        ...(workflow === undefined ? {} : { workflow }),
      });
      return reply.code(202).send(accepted);
    },
  );
}
