import { type Event, type Lease, SluiceError } from "../../model/index.ts";
import type { ArtifactInfo, CacheHit } from "../../runner/index.ts";
import type { ArtifactRow, Blobs, JobRow, Store } from "../../store/index.ts";
import { Serial, type Runs } from "../../transition/index.ts";
import { heldJob } from "./leases.ts";
import type { Limits } from "../control/limits.ts";
import type { LiveHub } from "../live/hub.ts";

const dayMs = 86_400_000;

/** Artifacts and caches of jobs. We generate the blob keys: nothing that a user wrote becomes a path. */
export class Transfers {
  readonly #store: Store;
  readonly #blobs: Blobs;
  readonly #runs: Runs;
  readonly #live: LiveHub;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #makeId: () => string;
  readonly #turns = new Serial();
  /** Blobs that are being written, or wait for their row. */
  readonly #writing = new Set<string>();

  constructor(options: {
    store: Store;
    blobs: Blobs;
    runs: Runs;
    live: LiveHub;
    limits: Limits;
    now: () => number;
    makeId: () => string;
  }) {
    this.#store = options.store;
    this.#blobs = options.blobs;
    this.#runs = options.runs;
    this.#live = options.live;
    this.#limits = options.limits;
    this.#now = options.now;
    this.#makeId = options.makeId;
  }

  /** Whether a blob is being written, or waits for its row. */
  writing(blob: string): boolean {
    return this.#writing.has(blob);
  }

  async #inFlight<T>(blob: string, work: () => Promise<T>): Promise<T> {
    this.#writing.add(blob);
    try {
      return await work();
    } finally {
      this.#writing.delete(blob);
    }
  }

  /** See RunnerChannel.uploadArtifact. */
  async uploadArtifact(
    runnerId: string,
    lease: Lease,
    name: string,
    content: AsyncIterable<Uint8Array>,
    options: { readonly retentionDays?: number; readonly overwrite: boolean },
  ): Promise<ArtifactInfo> {
    checkName(name);
    const job = await heldJob(this.#store, runnerId, lease);
    const present = await this.#store.artifacts.ofRun(job.runId);
    if (present.length >= this.#limits.artifactsPerRun)
      throw new SluiceError("payload-too-large", `The run has ${present.length} artifacts, which is the limit.`);
    const room = await this.#roomOf(job.runId);
    if (room.bytes <= 0) throw tooMuch(room);
    const blob = `artifacts/${job.runId}/${this.#makeId()}`;
    return this.#inFlight(blob, async () => {
      const { bytes } = await this.#blobs
        .put(blob, content, Math.min(this.#limits.artifact, room.bytes))
        .catch((error: unknown) => {
          if (error instanceof SluiceError && error.code === "payload-too-large" && room.bytes < this.#limits.artifact)
            throw tooMuch(room);
          throw error;
        });
      return this.#turns.run(job.runId, () => this.#keep({ runnerId, lease, job, name, blob, bytes, options }));
    });
  }

  /** Records an uploaded artifact; removes its bytes if that fails. */
  async #keep({ runnerId, lease, job, name, blob, bytes, options }: Uploaded): Promise<ArtifactInfo> {
    try {
      // Others may have been uploaded in the meantime.
      const room = await this.#roomOf(job.runId);
      if (bytes > room.bytes) throw tooMuch(room);
      // The upload may have taken long: another runner may have the job by now.
      await heldJob(this.#store, runnerId, lease);
      const createdAt = this.#now();
      const days = Math.min(
        Math.max(options.retentionDays ?? this.#limits.artifactDays, 1),
        this.#limits.artifactDaysMost,
      );
      const row = {
        runId: job.runId,
        jobId: job.id,
        name,
        bytes,
        blob,
        createdAt,
        expiresAt: createdAt + days * dayMs,
      };
      const { replaced } = await this.#store.artifacts.add(row, options.overwrite);
      if (replaced !== undefined) await this.#blobs.remove(replaced);
    } catch (error) {
      await this.#blobs.remove(blob);
      throw error;
    }
    this.#live.publish({ type: "results", run: job.runId });
    return { name, bytes };
  }

  /** How much the run can still store, by the nearer limit. */
  async #roomOf(runId: string): Promise<Room> {
    const used = await this.#store.artifacts.used(runId);
    const { runArtifacts, repositoryArtifacts } = this.#limits;
    const [run, repository] = [runArtifacts - used.run, repositoryArtifacts - used.repository];
    return run <= repository
      ? { bytes: run, limit: runArtifacts, of: "run" }
      : { bytes: repository, limit: repositoryArtifacts, of: "repository" };
  }

  /** See RunnerChannel.listArtifacts: the newest of every name, also from earlier attempts of the run. */
  async listArtifacts(runnerId: string, lease: Lease): Promise<readonly ArtifactInfo[]> {
    const { runId } = await heldJob(this.#store, runnerId, lease);
    return (await this.#newest(runId)).map(({ name, bytes }) => ({ name, bytes }));
  }

  /** See RunnerChannel.downloadArtifact. */
  async downloadArtifact(runnerId: string, lease: Lease, name: string): Promise<AsyncIterable<Uint8Array>> {
    const { runId } = await heldJob(this.#store, runnerId, lease);
    const found = (await this.#newest(runId)).find((artifact) => artifact.name === name);
    if (found === undefined)
      throw new SluiceError("not-found", `The run has no artifact named ${JSON.stringify(name)}.`, {
        help: "Upload it in a job that this one needs.",
      });
    return (await this.#blobs.get(found.blob)).content;
  }

  async #newest(runId: string): Promise<readonly ArtifactRow[]> {
    const byName = new Map<string, ArtifactRow>();
    for (const artifact of await this.#store.artifacts.ofRun(runId))
      if (!byName.has(artifact.name)) byName.set(artifact.name, artifact);
    return [...byName.values()];
  }

  /** See RunnerChannel.restoreCache. */
  async restoreCache(
    runnerId: string,
    lease: Lease,
    key: string,
    restoreKeys: readonly string[],
    version: string,
  ): Promise<CacheHit | undefined> {
    const job = await heldJob(this.#store, runnerId, lease);
    const { repositoryId, event } = await this.#runs.open(job.runId);
    const row = await this.#store.caches.find(repositoryId, readScopes(event), key, restoreKeys, version);
    if (row === undefined) return undefined;
    await this.#store.caches.touch(row, this.#now());
    const { content } = await this.#blobs.get(row.blob);
    return { key: row.key, exact: row.key === key, content };
  }

  /** See RunnerChannel.saveCache. */
  async saveCache(
    runnerId: string,
    lease: Lease,
    key: string,
    version: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<boolean> {
    if (key === "" || key.length > 512 || Buffer.byteLength(key) > 1024 || key.includes(","))
      throw new SluiceError(
        "call-invalid",
        "A cache key must have 1 to 512 characters, at most 1024 bytes, and no comma.",
      );
    const job: JobRow = await heldJob(this.#store, runnerId, lease);
    const { repositoryId, event } = await this.#runs.open(job.runId);
    const scope = ownScope(event);
    const present = await this.#store.caches.find(repositoryId, [scope], key, [], version);
    if (present !== undefined) return false;
    const blob = `caches/${repositoryId}/${this.#makeId()}`;
    return this.#inFlight(blob, async () => {
      const { bytes } = await this.#blobs.put(blob, content, this.#limits.cacheEntry);
      const at = this.#now();
      // The upload may have taken long: another runner may have the job by now.
      const added = await heldJob(this.#store, runnerId, lease)
        .then(() =>
          this.#store.caches.add({ repositoryId, scope, key, version, bytes, blob, createdAt: at, usedAt: at }),
        )
        .catch(async (error: unknown) => {
          await this.#blobs.remove(blob);
          throw error;
        });
      if (added) await this.#evict(repositoryId);
      else await this.#blobs.remove(blob);
      return added;
    });
  }

  /** Keeps a repository's caches within its limit: removes the least recently used first. */
  async #evict(repositoryId: string): Promise<void> {
    const rows = await this.#store.caches.ofRepository(repositoryId);
    let bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    let entries = rows.length;
    for (const row of rows) {
      if (bytes <= this.#limits.cacheRepository && entries <= this.#limits.cacheEntries) return;
      bytes -= row.bytes;
      entries -= 1;
      await this.#store.caches.remove(row);
      await this.#blobs.remove(row.blob);
    }
  }
}

interface Uploaded {
  readonly runnerId: string;
  readonly lease: Lease;
  readonly job: JobRow;
  readonly name: string;
  readonly blob: string;
  readonly bytes: number;
  readonly options: { readonly retentionDays?: number; readonly overwrite: boolean };
}

interface Room {
  readonly bytes: number;
  readonly limit: number;
  readonly of: "run" | "repository";
}

function tooMuch({ limit, of }: Room): SluiceError {
  const help =
    of === "run"
      ? "Upload less, or raise artifacts.runLimitMiB in the configuration."
      : "Upload less, keep artifacts for fewer days (retention-days), or raise artifacts.totalMiB in the configuration.";
  return new SluiceError(
    "payload-too-large",
    `The artifacts of this ${of} would have more than ${limit} bytes together, which is the limit.`,
    { help },
  );
}

/**
 * The scope of a job's caches: its own ref; a pull request has its own scope, so that a fork cannot write what others
 * read.
 */
function ownScope(event: Event): string {
  return event.pullRequest === undefined ? event.ref : `refs/pull/${event.pullRequest.number}`;
}

/** The scopes a job reads from: its own, then the base of its pull request, then the default branch. */
function readScopes(event: Event): readonly string[] {
  const base = event.pullRequest === undefined ? [] : [branchRef(event.pullRequest.base.ref)];
  return [...new Set([ownScope(event), ...base, branchRef(event.repository.defaultBranch)])];
}

function branchRef(name: string): string {
  return name.startsWith("refs/") ? name : `refs/heads/${name}`;
}

// oxlint-disable-next-line no-control-regex -- exactly what is refused
const refusedInNames = /["*/:<>?\\|\u0000-\u001f\u007f]/;

/** GitHub's rule for artifact names: they must be valid file names everywhere. */
function checkName(name: string): void {
  if (name.trim() === "" || name.length > 255 || name === "." || name === ".." || refusedInNames.test(name)) {
    throw new SluiceError("call-invalid", `${JSON.stringify(name.slice(0, 100))} is not a valid artifact name.`, {
      help: 'Use 1 to 255 characters, without " : < > | * ? \\ / and control characters.',
    });
  }
}
