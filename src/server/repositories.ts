import { join } from "node:path";
import {
  SpoolWatch,
  changedFiles,
  commitsOf,
  createRepository,
  describeUpdate,
  inspectRepository,
  installHook,
  manualEvent,
  mayBecomeDefault,
  missedUpdates,
  pushEvent,
  refs,
  removeRepository,
  resolveCommit,
  runsOfPush,
  scheduledEvent,
  setDefaultBranch,
  sweepAbandoned,
  uninstallHook,
  zeroSha,
  type GitRepository,
  type PushReport,
  type RefUpdate,
} from "../forge/index.ts";
import { SluiceError, messageOf, type Event, type Repository } from "../model/index.ts";
import type { Blobs, Logs, RepositoryRow, Store } from "../store/index.ts";
import type { Repositories } from "./http/port.ts";

/** How often refs are compared with what is known of them, in milliseconds: a hook can be removed, or its report lost. */
const reconcileEvery = 5 * 60_000;

export interface GitRepositoriesOptions {
  readonly store: Store;
  readonly logs: Logs;
  readonly blobs: Blobs;
  /** Folder of the repositories that Sluice makes. */
  readonly folder: string;
  /** Where the server is reached, without a slash at the end. */
  readonly baseUrl: () => string;
  readonly now: () => number;
  readonly accept: (event: Event, repositoryId: string, dedupeKey: string) => Promise<unknown>;
  readonly changed: (repositoryId: string) => void;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Plain git repositories: makes and attaches them, and turns what is pushed to them into events. */
export class GitRepositories implements Repositories {
  readonly #options: GitRepositoriesOptions;
  readonly #watch: SpoolWatch;
  /** What is under way for each repository: its pushes are taken one at a time. */
  readonly #turns = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GitRepositoriesOptions) {
    this.#options = options;
    this.#watch = new SpoolWatch({ take: async (id, report) => this.#inTurn(id, async () => this.#takeReport(id, report)), warn: options.warn });
  }

  /** Watches all repositories, and finds what was pushed while nobody watched: reports first, then refs that moved without one. */
  async start(): Promise<void> {
    for (const row of await this.#options.store.repositories.list()) await this.#follow(row);
    this.#timer = setInterval(() => void this.#reconcileAll(), reconcileEvery);
    this.#timer.unref();
  }

  /** Stops watching; a push that is being taken is finished first. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#watch.close();
    await Promise.all(this.#turns.values());
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
      ...(last === undefined ? {} : { lastRun: { id: last.id, number: last.number, title: last.title, status: last.status, createdAt: new Date(last.createdAt).toISOString() } }),
    };
  }

  async byName(name: string): Promise<RepositoryRow> {
    const row = await this.#options.store.repositories.byName(name);
    if (row === undefined) throw new SluiceError("not-found", `There is no repository ${name}.`, { help: "`sluice repo list` shows them; an admin's push makes a new one." });
    return row;
  }

  async create({ name, path }: { readonly name: string; readonly path?: string }): Promise<Repository> {
    const { store, now } = this.#options;
    if ((await store.repositories.byName(name)) !== undefined) throw new SluiceError("already-exists", `There is a repository ${name} already.`);
    const place = path === undefined ? await this.#make(name) : await inspectRepository(path);
    const other = (await store.repositories.list()).find((each) => each.path === place.path);
    if (other !== undefined) throw new SluiceError("already-exists", `${place.path} is attached already, as ${other.name}.`);
    const present = await refs(place.path);
    const row = await store.repositories.add({ name, path: place.path, managed: path === undefined, defaultBranch: place.defaultBranch, createdAt: now() });
    // What is there already was pushed before anybody asked for runs.
    await store.repositories.setTips(row.id, present);
    await installHook(row.path);
    await this.#watch.add(row.id, row.path);
    this.#options.changed(row.id);
    return this.view(row);
  }

  async remove(name: string): Promise<void> {
    const { store, logs, blobs } = this.#options;
    const row = await this.byName(name);
    if ((await store.runs.open()).some((run) => run.repositoryId === row.id)) throw new SluiceError("conflict", `${name} has runs that have not ended.`, { help: "Cancel them, or wait." });
    this.#watch.remove(row.id);
    const left = await store.repositories.remove(row.id);
    for (const job of left.jobs) await logs.remove(job);
    for (const blob of left.blobs) await blobs.remove(blob);
    if (row.managed) await removeRepository(row.path);
    else await uninstallHook(row.path).catch((error: unknown) => this.#options.warn("the hook could not be taken out", { repository: name, error: messageOf(error) }));
    this.#options.changed(row.id);
  }

  async dispatch(name: string, request: { readonly ref: string; readonly workflow?: string; readonly inputs: Readonly<Record<string, string>>; readonly sender: string }): Promise<{ readonly event: string }> {
    const row = await this.byName(name);
    const at = await resolveCommit(row.path, request.ref);
    if (at === undefined) throw new SluiceError("not-found", `${name} has no branch or tag ${request.ref}.`);
    const { sender, workflow, inputs } = request;
    const event = await manualEvent(this.#about(row), at, { sender, inputs, ...(workflow === undefined ? {} : { workflow }) });
    const id = `manual:${crypto.randomUUID()}`;
    await this.#options.accept(event, row.id, id);
    return { event: id };
  }

  /** The event of one of its schedules that is due. */
  async scheduled(row: RepositoryRow, due: Parameters<typeof scheduledEvent>[1] & Parameters<typeof scheduledEvent>[2]): Promise<Event> {
    return scheduledEvent(this.#about(row), due, due);
  }

  pushed(id: string): void {
    void this.#watch.scan(id);
  }

  /** What changed between two commits of a repository; undefined when nobody can say. */
  async changedFiles(row: RepositoryRow, before: string, sha: string): Promise<readonly string[] | undefined> {
    return changedFiles(row.path, before, sha, row.defaultBranch);
  }

  async #make(name: string): Promise<{ readonly path: string; readonly defaultBranch: string }> {
    const path = join(this.#options.folder, `${name}.git`);
    await createRepository(path, "main").catch((error: unknown) => {
      // Left over from a start that was killed between the folder and the database: it is ours, and is taken up.
      if (!(error instanceof SluiceError) || error.code !== "already-exists") throw error;
    });
    return inspectRepository(path);
  }

  async #follow(row: RepositoryRow): Promise<void> {
    try {
      await installHook(row.path);
      await this.#watch.add(row.id, row.path);
      await this.#reconcile(row);
    } catch (error) {
      // One repository that is gone must not keep the server from starting.
      this.#options.warn("the repository cannot be watched", { repository: row.name, path: row.path, error: messageOf(error) });
    }
  }

  async #reconcileAll(): Promise<void> {
    for (const row of await this.#options.store.repositories.list()) {
      await this.#reconcile(row).catch((error: unknown) => this.#options.warn("the refs could not be compared", { repository: row.name, error: messageOf(error) }));
    }
  }

  async #reconcile(row: RepositoryRow): Promise<void> {
    await this.#inTurn(row.id, async () => {
      await sweepAbandoned(row.path, this.#options.now());
      const updates = await missedUpdates(row.path, await this.#options.store.repositories.tips(row.id));
      await this.#takeUpdates(row, { id: `missed-${this.#options.now()}`, pusher: "unknown", updates });
    });
  }

  async #takeReport(repositoryId: string, report: PushReport): Promise<void> {
    const row = await this.#options.store.repositories.byId(repositoryId);
    if (row !== undefined) await this.#takeUpdates(row, report);
  }

  /** Starts runs for so many refs at most, the default branch first; the others, and those that are gone, cost two processes and a transaction. */
  async #takeUpdates(row: RepositoryRow, report: PushReport): Promise<void> {
    const { store, warn } = this.#options;
    const tips = new Map<string, string | null>(report.updates.filter((each) => each.after === zeroSha).map((each) => [each.ref, null]));
    const main = `refs/heads/${row.defaultBranch}`;
    const moved = report.updates.filter((each) => each.after !== zeroSha).toSorted((left, right) => Number(right.ref === main) - Number(left.ref === main));
    for (const update of moved.slice(0, runsOfPush)) await this.#takeUpdate(row, update, report);
    const others = moved.slice(runsOfPush);
    if (others.length > 0) {
      const commits = await commitsOf(row.path, others.map((each) => each.after));
      for (const { ref, after } of others) tips.set(ref, commits.get(after) ?? null);
      const [first, last] = [others[0]?.ref, others.at(-1)?.ref];
      warn(`a push moved ${moved.length} refs; runs were started for ${runsOfPush} of them, and for none of the others`, { repository: row.name, push: report.id, others: others.length, first, last });
    }
    if (tips.size > 0) await store.repositories.setTips(row.id, tips);
    if (tips.has(main)) this.#options.changed(row.id);
  }

  /**
   * Safe to repeat: an update whose ref is known to be there already changes nothing. That also settles which of the two
   * is right when the comparison of refs sees a push before its hook has reported it. The key names the report, because
   * the same two commits may well be pushed again: forth, back and forth.
   */
  async #takeUpdate(row: RepositoryRow, update: RefUpdate, report: PushReport): Promise<void> {
    const { store } = this.#options;
    const event = await pushEvent(this.#about(await this.#withDefaultBranch(row, update)), update, report.pusher);
    if (event === undefined) return this.#options.warn("a pushed ref leads to no commit", { repository: row.name, update: describeUpdate(update) });
    if ((await store.repositories.tips(row.id)).get(update.ref) === event.sha) return;
    await this.#options.accept(event, row.id, `git:${row.name}:push:${update.ref}:${event.sha}:${update.before}:${report.id}`);
  }

  /** The first branch of a repository is its default one, whatever it is called; an attached repository itself stays as it is. */
  async #withDefaultBranch(row: RepositoryRow, update: RefUpdate): Promise<RepositoryRow> {
    const branch = /^refs\/heads\/(.+)$/.exec(update.ref)?.[1];
    if (update.before !== zeroSha || branch === undefined || branch === row.defaultBranch) return row;
    // Another branch of the same push may have become it.
    const now = (await this.#options.store.repositories.byId(row.id)) ?? row;
    if (!(await mayBecomeDefault(now.path, now.defaultBranch, branch))) return now;
    if (now.managed) await setDefaultBranch(now.path, branch);
    await this.#options.store.repositories.setDefaultBranch(now.id, branch);
    return { ...now, defaultBranch: branch };
  }

  async #inTurn(id: string, act: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(act);
    const settled = turn.catch(() => undefined);
    this.#turns.set(id, settled);
    try {
      await turn;
    } finally {
      if (this.#turns.get(id) === settled) this.#turns.delete(id);
    }
  }

  #about(row: RepositoryRow): GitRepository {
    return { path: row.path, id: row.id, name: row.name, defaultBranch: row.defaultBranch, cloneUrl: this.#cloneUrl(row.name), url: `${this.#options.baseUrl()}/repositories/${encodeURIComponent(row.name)}` };
  }

  #cloneUrl(name: string): string {
    return `${this.#options.baseUrl()}/git/${name}.git`;
  }
}
