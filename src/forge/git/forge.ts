import { join } from "node:path";
import { type Event, SluiceError, type Source } from "../../model/index.ts";
import type { Forge, FoundRepository, News, RefAt, RemoteRepository, Start, TreeFile, WantedFiles } from "../port.ts";
import { type GitHttpAnswer, type GitHttpRequest, serveGit } from "./backend.ts";
import { type GitRepository, manualEvent, scheduledEvent } from "./event.ts";
import { readFiles } from "./files.ts";
import { changedFiles, refs, resolveCommit } from "./history.ts";
import { installHook, uninstallHook } from "./hook.ts";
import { zeroSha } from "./names.ts";
import { newsOf, type Warn } from "./news.ts";
import { type GitPlaces, placeOf, remoteIdOf } from "./places.ts";
import { gone, isGone } from "./process.ts";
import { missedUpdates } from "./reconcile.ts";
import { GitReports } from "./reports.ts";
import {
  createRepository,
  inspectRepository,
  type Inspection,
  removeRepository,
  sweepAbandoned,
} from "./repository.ts";
import type { PushReport } from "./spool.ts";

export interface GitForgeOptions {
  /** Folder of the repositories that Sluice creates. */
  readonly folder: string;
  readonly places: GitPlaces;
  /** The server's URL, without a trailing slash. */
  readonly baseUrl: string;
  /** Creates a password for cloning a repository, valid for this many minutes. */
  readonly credential: (repositoryId: string, minutes: number) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly warn: Warn;
}

/**
 * Plain bare git repositories on the server's own disk, served over HTTP by the server itself. Their hook reports
 * pushes through a spool folder; there are no pull requests, statuses or permissions.
 */
export class GitForge implements Forge {
  readonly name = "git";
  readonly reports: GitReports;
  readonly #options: GitForgeOptions;

  constructor(options: GitForgeOptions) {
    this.#options = options;
    this.reports = new GitReports({
      pathOf: async (repository) => this.#pathOf(repository),
      read: (repository, report) => this.#read(repository, report),
      warn: options.warn,
    });
  }

  async find({ name, path }: { readonly name: string; readonly path?: string }): Promise<FoundRepository> {
    const found = path === undefined ? await this.#make(name) : await inspectRepository(path);
    const remoteId = remoteIdOf(found.path);
    await this.#options.places.add({ remoteId, path: found.path, managed: path === undefined });
    return { remoteId, defaultBranch: found.defaultBranch };
  }

  async activate(repository: RemoteRepository): Promise<void> {
    await installHook(await this.#pathOf(repository));
  }

  async deactivate({ remoteId }: RemoteRepository): Promise<void> {
    const place = await this.#options.places.byId(remoteId);
    if (place === undefined) return;
    await this.#options.places.remove(remoteId);
    await (place.managed ? removeRepository(place.path) : uninstallHook(place.path));
  }

  addresses({ name }: Pick<RemoteRepository, "name">): { readonly clone: string; readonly page: string } {
    const base = this.#options.baseUrl;
    return { clone: `${base}/git/${name}.git`, page: `${base}/repositories/${encodeURIComponent(name)}` };
  }

  async refs(repository: RemoteRepository): Promise<ReadonlyMap<string, string>> {
    return refs(await this.#pathOf(repository));
  }

  async resolve(repository: RemoteRepository, name: string): Promise<RefAt | undefined> {
    return resolveCommit(await this.#pathOf(repository), name);
  }

  async files(repository: RemoteRepository, sha: string, wanted: WantedFiles): Promise<readonly TreeFile[]> {
    return readFiles(await this.#pathOf(repository), sha, wanted.paths, (name) => wanted.wants(name));
  }

  async changedPaths(
    repository: RemoteRepository,
    { before = zeroSha, sha }: { readonly before?: string; readonly sha: string },
  ): Promise<readonly string[] | undefined> {
    return changedFiles(await this.#pathOf(repository), before, sha, repository.defaultBranch);
  }

  async event(repository: RemoteRepository, start: Start): Promise<Event> {
    const about = this.#describe(repository, await this.#pathOf(repository));
    return start.kind === "manual" ? manualEvent(about, start, start) : scheduledEvent(about, start, start);
  }

  async *missed(repository: RemoteRepository, tips: ReadonlyMap<string, string>): AsyncGenerator<News> {
    const { now } = this.#options;
    const path = await this.#pathOf(repository);
    if (isGone(path)) throw gone(path);
    await sweepAbandoned(path, now());
    const updates = await missedUpdates(path, tips);
    yield* this.#read(repository, { id: `missed-${now()}`, pusher: "unknown", updates });
  }

  async source(repository: RemoteRepository, { ref, sha }: RefAt, minutes: number): Promise<Source> {
    const token = this.#options.credential(repository.id, minutes);
    return { kind: "git", url: this.addresses(repository).clone, sha, ref, token };
  }

  /** Serves a git client. The caller checks permissions first. Rejects like `serveGit`. */
  async serve(repository: RemoteRepository, request: Omit<GitHttpRequest, "repository">): Promise<GitHttpAnswer> {
    return serveGit({ ...request, repository: await this.#pathOf(repository) });
  }

  async close(): Promise<void> {
    await this.reports.close();
  }

  async *#read(repository: RemoteRepository, report: PushReport): AsyncGenerator<News> {
    const { path, managed } = await placeOf(this.#options.places, repository);
    yield* newsOf({ repository: this.#describe(repository, path), managed, warn: this.#options.warn }, report);
  }

  async #pathOf(repository: RemoteRepository): Promise<string> {
    return (await placeOf(this.#options.places, repository)).path;
  }

  async #make(name: string): Promise<Inspection> {
    const path = join(this.#options.folder, `${name}.git`);
    await createRepository(path, "main").catch((error: unknown) => {
      // Left by a start that was killed between creating the folder and the row: it is ours, so reuse it.
      if (!(error instanceof SluiceError) || error.code !== "already-exists") throw error;
    });
    return inspectRepository(path);
  }

  /** The repository as described in events. */
  #describe({ id, remoteId, name, defaultBranch }: RemoteRepository, path: string): GitRepository {
    const { clone, page } = this.addresses({ name });
    return { path, id, remoteId, name, defaultBranch, cloneUrl: clone, url: page };
  }
}
