import { join } from "node:path";
import {
  createRepository,
  inspectRepository,
  manualEvent,
  refs,
  removeRepository,
  resolveCommit,
  uninstallHook,
  type GitRepository,
} from "../forge/index.ts";
import { SluiceError, messageOf, type Repository } from "../model/index.ts";
import type { Blobs, Logs, RepositoryRow } from "../store/index.ts";
import type { Repositories } from "./http/port.ts";
import { Pushes, type PushesOptions } from "./pushes.ts";

export interface GitRepositoriesOptions extends Omit<PushesOptions, "describe"> {
  readonly logs: Logs;
  readonly blobs: Blobs;
  /** Folder of the repositories that Sluice makes. */
  readonly folder: string;
  /** Where the server is reached, without a slash at the end. */
  readonly baseUrl: () => string;
}

/** Plain git repositories: makes, attaches and removes them, and starts workflows of theirs by hand. What is pushed to them is for `Pushes`. */
export class GitRepositories implements Repositories {
  readonly #options: GitRepositoriesOptions;
  readonly #pushes: Pushes;

  constructor(options: GitRepositoriesOptions) {
    this.#options = options;
    this.#pushes = new Pushes({ ...options, describe: (row) => this.#describe(row) });
  }

  /** Hears of pushes from now on, and of those that came while nobody did. */
  async start(): Promise<void> {
    await this.#pushes.start();
  }

  /** Hears of no more pushes; one that is being taken is finished first. */
  async close(): Promise<void> {
    await this.#pushes.close();
  }

  async list(): Promise<readonly Repository[]> {
    return Promise.all((await this.#options.store.repositories.list()).map(async (row) => this.view(row)));
  }

  async view(row: RepositoryRow): Promise<Repository> {
    const [last] = await this.#options.store.runs.list({ repository: row.id, limit: 1 });
    return {
      id: row.id,
      name: row.name,
      forge: "git",
      defaultBranch: row.defaultBranch,
      cloneUrl: this.#cloneUrl(row.name),
      createdAt: new Date(row.createdAt).toISOString(),
      ...(last === undefined
        ? {}
        : {
            lastRun: {
              id: last.id,
              number: last.number,
              title: last.title,
              status: last.status,
              createdAt: new Date(last.createdAt).toISOString(),
            },
          }),
    };
  }

  async byName(name: string): Promise<RepositoryRow> {
    const row = await this.#options.store.repositories.byName(name);
    if (row === undefined)
      throw new SluiceError("not-found", `There is no repository ${name}.`, {
        help: "`sluice repo list` shows them; an admin's push makes a new one.",
      });
    return row;
  }

  async create({ name, path }: { readonly name: string; readonly path?: string }): Promise<Repository> {
    const { store, now } = this.#options;
    if ((await store.repositories.byName(name)) !== undefined)
      throw new SluiceError("already-exists", `There is a repository ${name} already.`);
    const place = path === undefined ? await this.#make(name) : await inspectRepository(path);
    const other = (await store.repositories.list()).find((each) => each.path === place.path);
    if (other !== undefined)
      throw new SluiceError("already-exists", `${place.path} is attached already, as ${other.name}.`);
    const present = await refs(place.path);
    const row = await store.repositories.add({
      name,
      path: place.path,
      managed: path === undefined,
      defaultBranch: place.defaultBranch,
      createdAt: now(),
    });
    // What is there already was pushed before anybody asked for runs.
    await store.repositories.setTips(row.id, present);
    await this.#pushes.follow(row);
    this.#options.changed(row.id);
    return this.view(row);
  }

  async remove(name: string): Promise<void> {
    const { store, logs, blobs } = this.#options;
    const row = await this.byName(name);
    if ((await store.runs.open()).some((run) => run.repositoryId === row.id))
      throw new SluiceError("conflict", `${name} has runs that have not ended.`, { help: "Cancel them, or wait." });
    this.#pushes.forget(row.id);
    const left = await store.repositories.remove(row.id);
    for (const job of left.jobs) await logs.remove(job);
    for (const blob of left.blobs) await blobs.remove(blob);
    if (row.managed) await removeRepository(row.path);
    else
      await uninstallHook(row.path).catch((error: unknown) =>
        this.#options.warn("the hook could not be taken out", { repository: name, error: messageOf(error) }),
      );
    this.#options.changed(row.id);
  }

  async dispatch(
    name: string,
    request: {
      readonly ref: string;
      readonly workflow?: string;
      readonly inputs: Readonly<Record<string, string>>;
      readonly sender: string;
    },
  ): Promise<{ readonly event: string }> {
    const row = await this.byName(name);
    const at = await resolveCommit(row.path, request.ref);
    if (at === undefined) throw new SluiceError("not-found", `${name} has no branch or tag ${request.ref}.`);
    const { sender, workflow, inputs } = request;
    const event = await manualEvent(this.#describe(row), at, {
      sender,
      inputs,
      ...(workflow === undefined ? {} : { workflow }),
    });
    const id = `manual:${crypto.randomUUID()}`;
    await this.#options.accept(event, row.id, id);
    return { event: id };
  }

  pushed(id: string): void {
    this.#pushes.look(id);
  }

  async #make(name: string): Promise<{ readonly path: string; readonly defaultBranch: string }> {
    const path = join(this.#options.folder, `${name}.git`);
    await createRepository(path, "main").catch((error: unknown) => {
      // Left over from a start that was killed between the folder and the database: it is ours, and is taken up.
      if (!(error instanceof SluiceError) || error.code !== "already-exists") throw error;
    });
    return inspectRepository(path);
  }

  #describe(row: RepositoryRow): GitRepository {
    return {
      path: row.path,
      id: row.id,
      name: row.name,
      defaultBranch: row.defaultBranch,
      cloneUrl: this.#cloneUrl(row.name),
      url: `${this.#options.baseUrl()}/repositories/${encodeURIComponent(row.name)}`,
    };
  }

  #cloneUrl(name: string): string {
    return `${this.#options.baseUrl()}/git/${name}.git`;
  }
}
