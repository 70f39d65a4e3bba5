import type { Forges, News, Reports } from "../../forge/index.ts";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { RepositoryRow, Store } from "../../store/index.ts";
import { Serial } from "../../transition/index.ts";
import type { Control } from "../http/port.ts";

/** How often forges are polled for unreported events, in milliseconds: a hook can be removed, or its report lost. */
const pollInterval = 5 * 60_000;

/** The part of the controllers that repositories need. */
export type EventControl = Pick<Control, "accept" | "repositoryChanged">;

export interface NewsOptions {
  readonly store: Store;
  readonly forges: Forges;
  readonly control: EventControl;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Stores the news of all repositories, reported by their forges or found by polling. */
export class NewsIntake {
  readonly #options: NewsOptions;
  /** The news of one repository is stored one report at a time. */
  readonly #serial = new Serial();
  readonly #followed = new Map<string, Reports>();
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  /** Listens to all repositories, and finds what happened while nobody did: first the reports, then the rest. */
  async start(): Promise<void> {
    const { store, forges } = this.#options;
    for (const { reports } of forges.all)
      reports?.listen(async (id, read) =>
        this.#inTurn(id, async () => {
          const row = await store.repositories.byId(id);
          if (row !== undefined) await this.#take(row, read(row));
        }),
      );
    for (const row of await store.repositories.list()) await this.#catchUp(row);
    this.#timer = setInterval(() => void this.#pollAll(), pollInterval);
    this.#timer.unref();
  }

  /** Stops listening; finishes what is being stored. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const [id, reports] of this.#followed) reports.unfollow(id);
    await Promise.allSettled(this.#underWay);
  }

  /** Starts listening for a repository. */
  async follow(row: RepositoryRow): Promise<void> {
    const forge = this.#options.forges.of(row);
    await forge.activate(row);
    if (forge.reports === undefined) return;
    this.#followed.set(row.id, forge.reports);
    await forge.reports.follow(row);
  }

  /** Stops listening for a repository. */
  unfollow(repositoryId: string): void {
    this.#followed.get(repositoryId)?.unfollow(repositoryId);
    this.#followed.delete(repositoryId);
  }

  /** Something was pushed through this server: reads its report without waiting for a notification. */
  poll(repositoryId: string): void {
    this.#followed.get(repositoryId)?.poll(repositoryId);
  }

  async #catchUp(row: RepositoryRow): Promise<void> {
    try {
      await this.follow(row);
      await this.#poll(row);
    } catch (error) {
      // One missing repository must not keep the server from starting.
      this.#options.warn("cannot watch the repository", { repository: row.name, error: messageOf(error) });
    }
  }

  async #pollAll(): Promise<void> {
    const { store, warn } = this.#options;
    try {
      for (const row of await store.repositories.list()) {
        if (this.#closed) return;
        await this.#poll(row).catch((error: unknown) =>
          warn("cannot poll the forge for missed events", { repository: row.name, error: messageOf(error) }),
        );
      }
    } catch (error) {
      warn("cannot list the repositories", { error: messageOf(error) });
    }
  }

  async #poll(row: RepositoryRow): Promise<void> {
    const { store, forges } = this.#options;
    await this.#inTurn(row.id, async () => {
      // The current row, when its turn has come.
      const now = await store.repositories.byId(row.id);
      if (now === undefined) return;
      await this.#take(now, forges.of(now).missed(now, await store.repositories.tips(row.id)));
    });
  }

  async #inTurn(repositoryId: string, act: () => Promise<void>): Promise<void> {
    if (this.#closed) throw new SluiceError("unavailable", "The server is shutting down.");
    const turn = this.#serial.run(repositoryId, act);
    this.#underWay.add(turn);
    await turn.finally(() => this.#underWay.delete(turn));
  }

  async #take(row: RepositoryRow, news: AsyncIterable<News>): Promise<void> {
    const { store, control } = this.#options;
    let { defaultBranch } = row;
    for await (const each of news) {
      if (each.type === "refs") {
        await store.repositories.setTips(row.id, each.tips);
        if (each.tips.has(`refs/heads/${defaultBranch}`)) control.repositoryChanged(row.id);
        continue;
      }
      const { event } = each;
      if (event.repository.defaultBranch !== defaultBranch) {
        ({ defaultBranch } = event.repository);
        await store.repositories.setDefaultBranch(row.id, defaultBranch);
      }
      // Safe to repeat: a push whose ref is already known to be there starts nothing. That also covers polling that
      // sees a push before its report comes.
      if (event.kind === "push" && (await store.repositories.tips(row.id)).get(event.ref) === event.sha) continue;
      await control.accept(event, row.id, each.key);
    }
  }
}
