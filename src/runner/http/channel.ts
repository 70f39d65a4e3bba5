import * as z from "zod";
import { type Connection, type HttpAccess, Upload, binary, connect } from "../../client/index.ts";
import { type Assignment, SluiceError, leaseSchema } from "../../model/index.ts";
import type { RunnerChannel } from "../channel.ts";

/** A short call without a response is retried after this time. */
const defaultShortMs = 30_000;
/** The server responds to a heartbeat after 5 s. */
const heartbeatMs = 15_000;
/** In addition to the requested wait. */
const leaseMarginMs = 15_000;
/** Artifacts and caches can be large and connections slow. */
const transferMs = 60 * 60_000;

const registration = z.object({ id: z.string(), token: z.string().optional() });

/**
 * Registers a runner at a server, with a registration token (role `admin` or `runner`); returns the runner's own token.
 * With that token, updates the runner's name, labels and capacity.
 */
export async function registerRunner(
  access: Required<HttpAccess>,
  runner: { readonly name: string; readonly labels: readonly string[]; readonly capacity: number },
): Promise<{ readonly id: string; readonly token: string }> {
  const body = { ...runner, labels: [...runner.labels] };
  const { id, token } = await connect(access).read(
    registration,
    (api, signal) => api.POST("/api/v1/runner/register", { body, signal }),
    { timeoutMs: defaultShortMs },
  );
  return { id, token: token ?? access.token };
}

/** The parts of an assignment that a runner relies on; the server compiled and checked the plan inside. */
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
    z
      .unknown()
      .pipe(z.custom<Assignment>((value) => envelope.safeParse(value).success, "not an assignment of this version")),
  ),
});
const beat = z.object({ cancel: z.boolean() });
const stored = z.object({ length: z.number().int().nonnegative() });
const artifact = z.object({ name: z.string(), bytes: z.number() });
const artifacts = z.object({ artifacts: z.array(artifact) });
const saved = z.object({ saved: z.boolean() });

export interface HttpChannelOptions {
  /** Timeout of a short call, in milliseconds; 30,000 by default. */
  readonly shortMs?: number;
}

/** The runner's side of the protocol over HTTP. The token is the runner's own, from `registerRunner`. */
export function httpChannel(
  access: Required<HttpAccess>,
  { shortMs = defaultShortMs }: HttpChannelOptions = {},
): RunnerChannel {
  const server = connect(access);
  return { ...jobCalls(server, shortMs), ...transferCalls(server, shortMs) };
}

type JobCalls = Pick<RunnerChannel, "lease" | "begin" | "heartbeat" | "report" | "log">;

function jobCalls(server: Connection, shortMs: number): JobCalls {
  return {
    async lease(offer, signal) {
      const body = { ...offer, labels: [...offer.labels], holds: [...offer.holds] };
      const answer = await server.read(
        assignments,
        (api, signal) => api.POST("/api/v1/runner/lease", { body, signal }),
        { timeoutMs: offer.waitMs + leaseMarginMs, signal },
      );
      return answer.assignments;
    },
    async begin({ job, fence }) {
      await server.send(
        (api, signal) =>
          api.POST("/api/v1/runner/jobs/{job}/begin", { params: { path: { job } }, body: { fence }, signal }),
        { timeoutMs: shortMs },
      );
    },
    heartbeat({ job, fence }, signal) {
      return server.read(
        beat,
        (api, signal) =>
          api.POST("/api/v1/runner/jobs/{job}/heartbeat", { params: { path: { job } }, body: { fence }, signal }),
        { timeoutMs: heartbeatMs, signal },
      );
    },
    async report({ job, fence }, from, entries) {
      const body = { fence, from, entries: [...entries] };
      await server.send(
        (api, signal) => api.POST("/api/v1/runner/jobs/{job}/report", { params: { path: { job } }, body, signal }),
        { timeoutMs: shortMs },
      );
    },
    log({ job, fence }, step, offset, bytes) {
      const params = { path: { job, step }, query: { fence, offset } };
      return server.read(
        stored,
        (api, signal) =>
          api.PUT("/api/v1/runner/jobs/{job}/steps/{step}/log", { params, body: bytes, signal, ...binary }),
        { timeoutMs: shortMs },
      );
    },
  };
}

function transferCalls(server: Connection, shortMs: number): Omit<RunnerChannel, keyof JobCalls> {
  return {
    uploadArtifact({ job, fence }, name, content, { retentionDays, overwrite }) {
      const query = {
        fence,
        overwrite: String(overwrite),
        ...(retentionDays === undefined ? {} : { retentionDays }),
      };
      const params = { path: { job, name }, query };
      const upload = new Upload(content);
      return server.read(
        artifact,
        (api, signal) =>
          api.PUT("/api/v1/runner/jobs/{job}/artifacts/{name}", { params, body: upload.body, signal, ...binary }),
        { timeoutMs: transferMs, upload },
      );
    },
    async listArtifacts({ job, fence }) {
      const params = { path: { job }, query: { fence } };
      const answer = await server.read(
        artifacts,
        (api, signal) => api.GET("/api/v1/runner/jobs/{job}/artifacts", { params, signal }),
        { timeoutMs: shortMs },
      );
      return answer.artifacts;
    },
    async downloadArtifact({ job, fence }, name) {
      const params = { path: { job, name }, query: { fence } };
      return contentOf(
        await server.send(
          (api, signal) => api.GET("/api/v1/runner/jobs/{job}/artifacts/{name}", { params, signal, parseAs: "stream" }),
          { timeoutMs: transferMs },
        ),
      );
    },
    async restoreCache({ job, fence }, key, restoreKeys, version) {
      const query = { fence, key, version, restoreKeys: JSON.stringify(restoreKeys) };
      const params = { path: { job }, query };
      const response = await server.send(
        (api, signal) => api.GET("/api/v1/runner/jobs/{job}/cache", { params, signal, parseAs: "stream" }),
        { timeoutMs: transferMs },
      );
      if (response.status === 204) return undefined;
      const found = response.headers.get("x-sluice-cache-key");
      if (found === null) throw new SluiceError("unavailable", "The server's response does not name the cache entry.");
      return {
        key: decodeURIComponent(found),
        exact: response.headers.get("x-sluice-cache-exact") === "true",
        content: contentOf(response),
      };
    },
    async saveCache({ job, fence }, key, version, content) {
      const params = { path: { job }, query: { fence, key, version } };
      const upload = new Upload(content);
      const answer = await server.read(
        saved,
        (api, signal) => api.PUT("/api/v1/runner/jobs/{job}/cache", { params, body: upload.body, signal, ...binary }),
        { timeoutMs: transferMs, upload },
      );
      return answer.saved;
    },
  };
}

/** The bytes of a response; rejects with `unavailable` if they break off. */
async function* contentOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    yield* response.body;
  } catch (error) {
    throw new SluiceError("unavailable", "The download broke off.", { cause: error });
  }
}
