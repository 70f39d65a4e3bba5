import { Readable } from "node:stream";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import type { RunnerChannel } from "../../../runner/index.ts";
import type { App, AppOptions } from "../app.ts";
import { identityOf } from "../guard.ts";

const fence = z.coerce.number().int().positive();
const params = z.object({ job: z.string().max(64) });
const named = params.extend({ name: z.string().min(1).max(255) });
/** The service reads the request as it arrives; the schema is for the document. */
const body = z.unknown().meta({ type: "string", format: "binary" });
const cacheKey = z.string().min(1).max(512);
const cacheVersion = z.string().min(1).max(128);
const restoreKeys = z
  .string()
  .max(16_384)
  .default("[]")
  .transform((text, context) => {
    const parsed = z.array(cacheKey).max(50).safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    context.issues.push({ code: "custom", message: "expected a JSON array of keys", input: text });
    return z.NEVER;
  });

/** Artifacts and caches of a job's run, streamed both ways: nothing is held in memory. */
export async function registerTransfers(app: App, { services }: AppOptions): Promise<void> {
  const tags = ["runner protocol"];
  const config = { access: "runner", streams: true } as const;
  const channelOf = (request: Parameters<typeof identityOf>[0]): RunnerChannel =>
    services.control.channelFor(identityOf(request).runnerId ?? "");
  const artifact = z.object({ name: z.string(), bytes: z.number().int() });

  await app.register(async (instance) => {
    const scope = instance.withTypeProvider<ZodTypeProvider>();
    // The service reads the raw body.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

    scope.put(
      "/api/v1/runner/jobs/:job/artifacts/:name",
      {
        config,
        schema: {
          tags,
          summary: "Stores a gzipped tar as an artifact of the run",
          params: named,
          querystring: z.object({
            fence,
            retentionDays: z.coerce.number().int().min(1).max(3650).optional(),
            overwrite: z.stringbool().default(false),
          }),
          body,
          consumes: ["application/octet-stream"],
          response: { 200: artifact },
        },
      },
      async (request) => {
        const { fence: number, retentionDays, overwrite } = request.query;
        const options = { overwrite, ...(retentionDays === undefined ? {} : { retentionDays }) };
        return channelOf(request).uploadArtifact(
          { job: request.params.job, fence: number },
          request.params.name,
          request.raw,
          options,
        );
      },
    );

    scope.get(
      "/api/v1/runner/jobs/:job/artifacts",
      {
        config,
        schema: {
          tags,
          summary: "Artifacts of the run",
          params,
          querystring: z.object({ fence }),
          response: { 200: z.object({ artifacts: z.array(artifact) }) },
        },
      },
      async (request) => ({
        artifacts: [
          ...(await channelOf(request).listArtifacts({ job: request.params.job, fence: request.query.fence })),
        ],
      }),
    );

    scope.get(
      "/api/v1/runner/jobs/:job/artifacts/:name",
      {
        config,
        schema: {
          tags,
          summary: "An artifact of the run",
          params: named,
          querystring: z.object({ fence }),
          produces: ["application/octet-stream"],
        },
      },
      async (request, reply) => {
        const content = await channelOf(request).downloadArtifact(
          { job: request.params.job, fence: request.query.fence },
          request.params.name,
        );
        return reply.type("application/octet-stream").send(Readable.from(content, { objectMode: false }));
      },
    );

    scope.get(
      "/api/v1/runner/jobs/:job/cache",
      {
        config,
        schema: {
          tags,
          summary: "Finds a cache entry; 204 if there is none",
          params,
          querystring: z.object({ fence, key: cacheKey, version: cacheVersion, restoreKeys }),
          produces: ["application/octet-stream"],
        },
      },
      async (request, reply) => {
        const { fence: number, key, version, restoreKeys: others } = request.query;
        const hit = await channelOf(request).restoreCache(
          { job: request.params.job, fence: number },
          key,
          others,
          version,
        );
        if (hit === undefined) return reply.code(204).send();
        return reply
          .headers({ "x-sluice-cache-key": encodeURIComponent(hit.key), "x-sluice-cache-exact": String(hit.exact) })
          .type("application/octet-stream")
          .send(Readable.from(hit.content, { objectMode: false }));
      },
    );

    scope.put(
      "/api/v1/runner/jobs/:job/cache",
      {
        config,
        schema: {
          tags,
          summary: "Saves a gzipped tar as a cache entry; keeps an existing one",
          params,
          querystring: z.object({ fence, key: cacheKey, version: cacheVersion }),
          body,
          consumes: ["application/octet-stream"],
          response: { 200: z.object({ saved: z.boolean() }) },
        },
      },
      async (request) => {
        const { fence: number, key, version } = request.query;
        return {
          saved: await channelOf(request).saveCache(
            { job: request.params.job, fence: number },
            key,
            version,
            request.raw,
          ),
        };
      },
    );
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema reports it.
    return undefined;
  }
}
