import { Readable } from "node:stream";
import * as z from "zod";
import { SluiceError } from "../../../model/index.ts";
import type { App, AppOptions } from "../app.ts";

/** Artifacts for people; runners have their own routes. */
export function registerArtifacts(app: App, { services }: AppOptions): void {
  app.get(
    "/api/v1/artifacts/:id",
    {
      config: { access: "viewer" },
      schema: {
        tags: ["artifacts"],
        summary: "Downloads an artifact (.tar.gz)",
        params: z.object({ id: z.string().max(64) }),
        produces: ["application/gzip"],
      },
    },
    async (request, reply) => {
      const row = await services.store.artifacts.byId(request.params.id);
      if (row === undefined) throw new SluiceError("not-found", "No such artifact.", { help: "It may have expired." });
      const blob = await services.blobs.get(row.blob);
      return reply
        .headers({
          "content-type": "application/gzip",
          "content-length": blob.bytes,
          "content-disposition": attachment(`${row.name}.tar.gz`),
          "cache-control": "private, no-cache",
        })
        .send(Readable.from(blob.content, { objectMode: false }));
    },
  );
}

/** RFC 6266: a plain name for old clients, and the real one percent-encoded. */
function attachment(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
