import * as z from "zod";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

/** Everything that changes, as it changes. */
export function registerLive(app: App, { services, streams }: AppOptions): void {
  app.get(
    "/api/v1/events",
    {
      config: { access: "viewer" },
      schema: {
        tags: ["live"],
        summary: "Server-sent events: each a LiveEvent under its type; `resync` when some were missed",
        querystring: z.object({
          after: z
            .string()
            .max(64)
            .optional()
            .describe("Resume behind this message, as the Last-Event-ID header does."),
        }),
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const header = request.headers["last-event-id"];
      const after = typeof header === "string" ? header : request.query.after;
      const stream = streams.open(identityOf(request).id);
      const subscription = services.control.live.subscribe(after, ({ id, event }) => {
        // A reader that has fallen behind is let go: it comes back, and is told to ask for everything again if need be.
        if (!stream.push(event.type, event, id) && !stream.hasRoom) stream.end();
      });
      // What was replayed may have been too much for it already.
      if (stream.signal.aborted) subscription.close();
      stream.signal.addEventListener("abort", () => subscription.close(), { once: true });
      if (subscription.resync) stream.push("resync", {});
      return stream.answer(reply);
    },
  );
}
