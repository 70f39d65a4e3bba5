import * as z from "zod";
import { type Assignment, type Lease, SluiceError, leaseSchema } from "../../model/index.ts";
import type { RunnerChannel } from "../channel.ts";
import { type HttpAccess, type HttpRequest, readJson, send } from "./request.ts";

/** A short call that does not come back is made anew after this time. */
const defaultShortMs = 30_000;
/** The server answers a heartbeat after 5 s. */
const heartbeatMs = 15_000;
/** Beyond the wait that was asked for. */
const leaseMarginMs = 15_000;
/** Artifacts and caches may be large and lines slow. */
const transferMs = 60 * 60_000;

const registration = z.object({ id: z.string(), token: z.string().optional() });

/**
 * Makes a runner known to a server, with a registration token (role `admin`, or `runner`); answers with the runner's own
 * token. With that one, brings the runner's name, labels and capacity up to date.
 */
export async function registerRunner(
  access: HttpAccess,
  runner: { readonly name: string; readonly labels: readonly string[]; readonly capacity: number },
): Promise<{ readonly id: string; readonly token: string }> {
  const { id, token } = await readJson(
    await send(access, { method: "POST", path: ["register"], json: runner, timeoutMs: defaultShortMs }),
    registration,
  );
  return { id, token: token ?? access.token };
}

/** What a runner relies on in an assignment; the plan inside was compiled and checked by the server. */
const envelope = z.object({
  lease: leaseSchema,
  run: z.object({ id: z.string(), number: z.number(), attempt: z.number() }),
  repository: z.string(),
  plan: z.object({
    version: z.literal(1),
    dialect: z.string(),
    workflow: z.string(),
    source: z.object({ path: z.string(), sha: z.string() }),
  }),
  job: z.object({ id: z.string(), steps: z.array(z.object({ id: z.string() })) }),
  key: z.string(),
  name: z.string(),
  contexts: z.record(z.string(), z.json()),
  secrets: z.record(z.string(), z.string()),
  timeoutMinutes: z.number(),
  source: z.object({ kind: z.enum(["git", "folder"]), sha: z.string(), ref: z.string() }),
});
const assignments = z.object({
  assignments: z.array(
    z.custom<Assignment>((value) => envelope.safeParse(value).success, "not an assignment of this version"),
  ),
});
const beat = z.object({ cancel: z.boolean() });
const stored = z.object({ length: z.number().int().nonnegative() });
const artifact = z.object({ name: z.string(), bytes: z.number() });
const artifacts = z.object({ artifacts: z.array(artifact) });
const saved = z.object({ saved: z.boolean() });

export interface HttpChannelOptions {
  /** How long a short call may take before it is made anew, in milliseconds; 30,000 unless told. */
  readonly shortMs?: number;
}

/** The runner's side of the protocol over HTTP. The token is the runner's own, from `registerRunner`. */
export function httpChannel(access: HttpAccess, { shortMs = defaultShortMs }: HttpChannelOptions = {}): RunnerChannel {
  const call = (
    lease: Lease,
    path: readonly string[],
    request: Omit<HttpRequest, "path" | "timeoutMs"> & { readonly timeoutMs?: number },
  ): Promise<Response> => {
    const query = request.method === "POST" ? request.query : { fence: lease.fence, ...request.query };
    return send(access, {
      timeoutMs: shortMs,
      ...request,
      path: ["jobs", lease.job, ...path],
      ...(query === undefined ? {} : { query }),
    });
  };

  return {
    async lease(offer, signal) {
      const response = await send(access, {
        method: "POST",
        path: ["lease"],
        json: offer,
        timeoutMs: offer.waitMs + leaseMarginMs,
        signal,
      });
      return (await readJson(response, assignments)).assignments;
    },
    async heartbeat(lease, signal) {
      return readJson(
        await call(lease, ["heartbeat"], {
          method: "POST",
          json: { fence: lease.fence },
          timeoutMs: heartbeatMs,
          signal,
        }),
        beat,
      );
    },
    async report(lease, from, entries) {
      await (
        await call(lease, ["report"], { method: "POST", json: { fence: lease.fence, from, entries } })
      ).body?.cancel();
    },
    async log(lease, step, offset, bytes) {
      return readJson(
        await call(lease, ["steps", String(step), "log"], { method: "PUT", query: { offset }, bytes }),
        stored,
      );
    },
    async uploadArtifact(lease, name, content, { retentionDays, overwrite }) {
      return readJson(
        await call(lease, ["artifacts", name], {
          method: "PUT",
          query: { retentionDays, overwrite },
          stream: content,
          timeoutMs: transferMs,
        }),
        artifact,
      );
    },
    async listArtifacts(lease) {
      return (await readJson(await call(lease, ["artifacts"], { method: "GET" }), artifacts)).artifacts;
    },
    async downloadArtifact(lease, name) {
      return contentOf(await call(lease, ["artifacts", name], { method: "GET", timeoutMs: transferMs }));
    },
    async restoreCache(lease, key, restoreKeys, version) {
      const response = await call(lease, ["cache"], {
        method: "GET",
        query: { key, version, restoreKeys: JSON.stringify(restoreKeys) },
        timeoutMs: transferMs,
      });
      if (response.status === 204) return undefined;
      const found = response.headers.get("x-sluice-cache-key");
      if (found === null) throw new SluiceError("unavailable", "The server's answer does not name the cache entry.");
      return {
        key: decodeURIComponent(found),
        exact: response.headers.get("x-sluice-cache-exact") === "true",
        content: contentOf(response),
      };
    },
    async saveCache(lease, key, version, content) {
      return (
        await readJson(
          await call(lease, ["cache"], {
            method: "PUT",
            query: { key, version },
            stream: content,
            timeoutMs: transferMs,
          }),
          saved,
        )
      ).saved;
    },
  };
}

/** The bytes of an answer; rejects with `unavailable` when they break off. */
async function* contentOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    yield* response.body;
  } catch (error) {
    throw new SluiceError("unavailable", "The download broke off.", { cause: error });
  }
}
