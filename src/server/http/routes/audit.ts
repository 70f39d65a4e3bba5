import * as z from "zod";
import { auditPageSchema } from "../../../model/index.ts";
import { auditPage } from "../../audit.ts";
import type { App, AppOptions } from "../app.ts";

/** The audit log. */
export function registerAudit(app: App, { services }: AppOptions): void {
  app.get(
    "/api/v1/audit",
    {
      config: { access: "admin" },
      schema: {
        tags: ["audit"],
        summary: "Who did what, newest first",
        querystring: z.object({
          before: z.string().max(64).optional().describe("Entries older than this one: `next` of the page before."),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: auditPageSchema },
      },
    },
    async ({ query: { limit, before } }) =>
      auditPage(services.store, { limit, ...(before === undefined ? {} : { before }) }),
  );
}
