import {
  SpoolWatch,
  commitsOf,
  describeUpdate,
  installHook,
  mayBecomeDefault,
  missedUpdates,
  pushEvent,
  runsOfPush,
  setDefaultBranch,
  sweepAbandoned,
  zeroSha,
  type GitRepository,
  type PushReport,
  type RefUpdate,
} from "../forge/index.ts";
import { messageOf, type Event } from "../model/index.ts";
import type { RepositoryRow, Store } from "../store/index.ts";

/** How often refs are compared with what is known of them, in milliseconds: a hook can be removed, or its report lost. */
const reconcileEvery = 5 * 60_000;

export interface PushesOptions {
  readonly store: Store;
  readonly now: () => number;
  /** What events say of their repository. */
  readonly describe: (row: RepositoryRow) => GitRepository;
  readonly accept: (event: Event, repositoryId: string, dedupeKey: string) => Promise<unknown>;
  /** Something of the repository that is shown has changed. */
  readonly changed: (repositoryId: string) => void;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Turns what is pushed to repositories into events, however it is heard of: by the hook's report, or by refs that moved without one. */
export class Pushes {
  readonly #options: PushesOptions;
  readonly #watch: SpoolWatch;
  /** What is under way for each repository: its pushes are taken one at a time. */
  readonly #turns = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PushesOptions) {
    this.#options = options;
    this.#watch = new SpoolWatch({
      take: async (id, report) => this.#inTurn(id, async () => this.#takeReport(id, report)),
      warn: options.warn,
    });
  }

  /** Watches all repositories, and finds what was pushed while nobody watched: reports first, then refs that moved without one. */
  async start(): Promise<void> {
    for (const row of await this.#options.store.repositories.list()) await this.#catchUp(row);
    this.#timer = setInterval(() => void this.#reconcileAll(), reconcileEvery);
    this.#timer.unref();
  }

  /** Stops watching; a push that is being taken is finished first. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#watch.close();
    await Promise.all(this.#turns.values());
  }

  /** Hears of the pushes of a repository from now on. */
  async follow(row: RepositoryRow): Promise<void> {
    await installHook(row.path);
    await this.#watch.add(row.id, row.path);
  }

  /** Hears of no more pushes of a repository; its hook stays. */
  forget(id: string): void {
    this.#watch.remove(id);
  }

  /** Looks for reports without waiting to be told. */
  look(id: string): void {
    void this.#watch.scan(id);
  }

  async #catchUp(row: RepositoryRow): Promise<void> {
    try {
      await this.follow(row);
      await this.#reconcile(row);
    } catch (error) {
      // One repository that is gone must not keep the server from starting.
      this.#options.warn("the repository cannot be watched", {
        repository: row.name,
        path: row.path,
        error: messageOf(error),
      });
    }
  }

  async #reconcileAll(): Promise<void> {
    for (const row of await this.#options.store.repositories.list()) {
      await this.#reconcile(row).catch((error: unknown) =>
        this.#options.warn("the refs could not be compared", { repository: row.name, error: messageOf(error) }),
      );
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
    const tips = new Map<string, string | null>(
      report.updates.filter((each) => each.after === zeroSha).map((each) => [each.ref, null]),
    );
    const main = `refs/heads/${row.defaultBranch}`;
    const moved = report.updates
      .filter((each) => each.after !== zeroSha)
      .toSorted((left, right) => Number(right.ref === main) - Number(left.ref === main));
    for (const update of moved.slice(0, runsOfPush)) await this.#takeUpdate(row, update, report);
    const others = moved.slice(runsOfPush);
    if (others.length > 0) {
      const commits = await commitsOf(
        row.path,
        others.map((each) => each.after),
      );
      for (const { ref, after } of others) tips.set(ref, commits.get(after) ?? null);
      const [first, last] = [others[0]?.ref, others.at(-1)?.ref];
      warn(
        `a push moved ${moved.length} refs; runs were started for ${runsOfPush} of them, and for none of the others`,
        { repository: row.name, push: report.id, others: others.length, first, last },
      );
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
    const event = await pushEvent(
      this.#options.describe(await this.#withDefaultBranch(row, update)),
      update,
      report.pusher,
    );
    if (event === undefined)
      return this.#options.warn("a pushed ref leads to no commit", {
        repository: row.name,
        update: describeUpdate(update),
      });
    if ((await store.repositories.tips(row.id)).get(update.ref) === event.sha) return;
    await this.#options.accept(
      event,
      row.id,
      `git:${row.name}:push:${update.ref}:${event.sha}:${update.before}:${report.id}`,
    );
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
}
