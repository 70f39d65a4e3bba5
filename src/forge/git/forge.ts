import type { Event, Source } from "../../model/index.ts";
import type { Forge, RefAt, RemoteRepository, Start, TreeFile, WantedFiles } from "../port.ts";
import { type GitRepository, manualEvent, scheduledEvent } from "./event.ts";
import { readFiles } from "./files.ts";
import { changedFiles } from "./history.ts";
import { zeroSha } from "./names.ts";

export interface GitForgeOptions {
  /** Where the server is reached, without a slash at the end. */
  readonly baseUrl: () => string;
  /** The path of a repository. Rejects with `not-found`. */
  readonly pathOf: (repository: RemoteRepository) => Promise<string>;
  /** Makes a password with which a repository can be cloned for so many minutes. */
  readonly credential: (repositoryId: string, minutes: number) => string;
}

/** Plain bare git repositories on the server's own disk, served over HTTP by the server itself. */
export class GitForge implements Pick<Forge, "name" | "addresses" | "files" | "changedPaths" | "event" | "source"> {
  readonly name = "git";
  readonly #options: GitForgeOptions;

  constructor(options: GitForgeOptions) {
    this.#options = options;
  }

  addresses({ name }: RemoteRepository): { readonly clone: string; readonly page: string } {
    const base = this.#options.baseUrl();
    return { clone: `${base}/git/${name}.git`, page: `${base}/repositories/${encodeURIComponent(name)}` };
  }

  async files(repository: RemoteRepository, sha: string, wanted: WantedFiles): Promise<readonly TreeFile[]> {
    return readFiles(await this.#options.pathOf(repository), sha, wanted.paths, (name) => wanted.wants(name));
  }

  async changedPaths(
    repository: RemoteRepository,
    { before = zeroSha, sha }: { readonly before?: string; readonly sha: string },
  ): Promise<readonly string[] | undefined> {
    return changedFiles(await this.#options.pathOf(repository), before, sha, repository.defaultBranch);
  }

  async event(repository: RemoteRepository, start: Start): Promise<Event> {
    const about = await this.describe(repository);
    return start.kind === "manual" ? manualEvent(about, start, start) : scheduledEvent(about, start, start);
  }

  async source(repository: RemoteRepository, { ref, sha }: RefAt, minutes: number): Promise<Source> {
    const token = this.#options.credential(repository.id, minutes);
    return { kind: "git", url: this.addresses(repository).clone, sha, ref, token };
  }

  /** What events say of a repository. */
  async describe(repository: RemoteRepository): Promise<GitRepository> {
    const { clone, page } = this.addresses(repository);
    const { id, name, defaultBranch } = repository;
    return { path: await this.#options.pathOf(repository), id, name, defaultBranch, cloneUrl: clone, url: page };
  }
}
