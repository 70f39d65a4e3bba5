import * as z from "zod";
import { SluiceError } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

const sessionSchema = z
  .object({
    name: z.string(),
    role: z.enum(["viewer", "writer", "admin", "runner"]),
    /** The newest live event: a reader that resumes after it misses no change of what it fetches from now on. */
    lastEvent: z.string(),
  })
  .meta({ id: "Session" });

/** The current identity, and signing in and out of the page. */
export function registerSession(app: App, { services, tokens, sessions }: AppOptions): void {
  const tags = ["session"];

  app.get(
    "/api/v1/session",
    {
      config: { access: "viewer" },
      schema: { tags, summary: "The current identity", response: { 200: sessionSchema } },
    },
    async (request) => {
      const { name, role } = identityOf(request);
      return { name, role, lastEvent: services.control.live.position };
    },
  );

  app.post(
    "/api/v1/session",
    {
      config: { access: "public" },
      schema: {
        tags,
        summary: "Signs a browser in with a token",
        body: z.object({ token: z.string().max(200) }),
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      const identity = await tokens.find(request.body.token.trim());
      if (identity === undefined)
        throw new SluiceError("unauthenticated", "No such token.", {
          help: "Paste the whole token as printed by `sluice token create` or by the server's first start.",
        });
      if (identity.role === "runner" || identity.id === "process")
        throw new SluiceError("forbidden", "This token cannot sign in to the page.", {
          help: "Create one with `sluice token create --role viewer`.",
        });
      reply.header("set-cookie", sessions.open(identity.id));
      return { name: identity.name, role: identity.role, lastEvent: services.control.live.position };
    },
  );

  app.delete(
    "/api/v1/session",
    { config: { access: "public" }, schema: { tags, summary: "Signs the browser out", response: { 204: z.void() } } },
    async (_request, reply) => {
      await reply.header("set-cookie", sessions.end()).code(204).send();
    },
  );

  app.get(
    "/signin",
    {
      config: { access: "public" },
      schema: {
        hide: true,
        querystring: z.object({ code: z.string().max(100).default(""), to: z.string().max(500).default("/") }),
      },
    },
    async (request, reply) => {
      const cookie = sessions.redeem(request.query.code);
      // A code works once; after that its URL asks for a token, unless the user is signed in.
      if (cookie !== undefined) reply.header("set-cookie", cookie);
      return reply.header("cache-control", "no-store").redirect(localPath(request.query.to), 303);
    },
  );
}

/** Only a path on this server: `//host` and `/\host` would lead elsewhere. */
function localPath(to: string): string {
  return /^\/(?![/\\])[A-Za-z0-9/_.#?=&%:-]*$/.test(to) ? to : "/";
}
