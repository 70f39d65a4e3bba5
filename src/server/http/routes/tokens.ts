import * as z from "zod";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

const roleSchema = z.enum(["admin", "writer", "viewer", "runner"]);
/** It is the pusher's name in reflogs and in the hook's reports, which consist of lines. */
const tokenName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, "a name cannot contain control characters");
const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleSchema,
    runnerId: z.string().optional(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: "Token" });

/** Tokens of people, scripts and runners. */
export function registerTokens(app: App, { services, tokens }: AppOptions): void {
  const tags = ["tokens"];
  const { store } = services;
  const view = (row: {
    readonly id: string;
    readonly name: string;
    readonly role: z.infer<typeof roleSchema>;
    readonly runnerId?: string;
    readonly createdAt: number;
  }): z.infer<typeof tokenSchema> => ({
    id: row.id,
    name: row.name,
    role: row.role,
    ...(row.runnerId === undefined ? {} : { runnerId: row.runnerId }),
    createdAt: new Date(row.createdAt).toISOString(),
  });

  app.get(
    "/api/v1/tokens",
    {
      config: { access: "admin" },
      schema: {
        tags,
        summary: "All tokens, without their secrets",
        response: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      },
    },
    async () => ({
      tokens: (await store.tokens.list()).map(view),
    }),
  );

  app.post(
    "/api/v1/tokens",
    {
      config: { access: "admin" },
      schema: {
        tags,
        summary: "Creates a token; it is shown only in this response",
        body: z.object({ name: tokenName, role: roleSchema }),
        response: { 201: tokenSchema.extend({ token: z.string() }).meta({ id: "NewToken" }) },
      },
    },
    async (request, reply) => {
      const wanted = { ...request.body, createdAt: services.now() };
      const { row, token } = await tokens.create(wanted, identityOf(request).name);
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ ...view(row), token });
    },
  );

  app.delete(
    "/api/v1/tokens/:id",
    {
      config: { access: "admin" },
      schema: {
        tags,
        summary: "Revokes a token at once",
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id, identityOf(request).name, services.now());
      await reply.code(204).send();
    },
  );
}
