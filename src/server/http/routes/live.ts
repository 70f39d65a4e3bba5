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
        summary: "Server-sent events: each a LiveEvent under its type; `resync` if some were missed",
        querystring: z.object({
          after: z.string().max(64).optional().describe("Resume after this message, like the Last-Event-ID header."),
        }),
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const header = request.headers["last-event-id"];
      const after = typeof header === "string" ? header : request.query.after;
      const stream = streams.open(identityOf(request).id);
      const subscription = services.control.live.subscribe(after, ({ id, event }) => {
        // Disconnects a reader that has fallen behind: it reconnects, and is told to refetch everything if necessary.
        if (!stream.push(event.type, event, id) && !stream.hasRoom) stream.end();
      });
      // The replay may already have been too much for it.
      if (stream.signal.aborted) subscription.close();
      stream.signal.addEventListener("abort", () => subscription.close(), { once: true });
      if (subscription.resync) stream.push("resync", { type: "resync" });
      return stream.answer(reply);
    },
  );
}
