import type { Forge, Forges } from "../../forge/index.ts";
import { messageOf, type Repository, SluiceError } from "../../model/index.ts";
import type { AuditEntry, RepositoryRow, Store } from "../../store/index.ts";
import type { ManualStart, Repositories } from "../http/port.ts";
import { leftMessages } from "../../transition/index.ts";
import type { EventControl, NewsIntake } from "./news.ts";

export interface RepositoryServiceOptions {
  readonly store: Store;
  readonly forges: Forges;
  /** The forge of new repositories. */
  readonly home: Forge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Listens to repositories. */
  readonly news: Pick<NewsIntake, "follow" | "unfollow" | "poll">;
  readonly control: EventControl;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** The repositories known to Sluice: attaches and removes them, and starts their workflows by hand. */
export class RepositoryService implements Repositories {
  readonly #options: RepositoryServiceOptions;

  constructor(options: RepositoryServiceOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly Repository[]> {
    return Promise.all((await this.#options.store.repositories.list()).map(async (row) => this.view(row)));
  }

  async view(row: RepositoryRow): Promise<Repository> {
    const { store, forges } = this.#options;
    const [last] = await store.runs.list({ repository: row.id, limit: 1 });
    return {
      id: row.id,
      name: row.name,
      forge: row.forge,
      defaultBranch: row.defaultBranch,
      // Still listed if its forge is no longer configured, so that it can be removed.
      cloneUrl: forges.named(row.forge)?.addresses(row).clone ?? "",
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
      throw new SluiceError("not-found", `No repository ${name}.`, {
        help: "`sluice repo list` lists them; an admin's push creates a new one.",
      });
    return row;
  }

  async create(wanted: { readonly name: string; readonly path?: string }, by: string): Promise<Repository> {
    const { store, home, now, news, control } = this.#options;
    const { name } = wanted;
    if ((await store.repositories.byName(name)) !== undefined)
      throw new SluiceError("already-exists", `The repository ${name} already exists.`);
    const found = await home.find(wanted);
    const other = await store.repositories.byRemote(home.name, found.remoteId);
    if (other !== undefined)
      throw new SluiceError("already-exists", `${wanted.path ?? name} is already attached as ${other.name}.`);
    // Existing commits were pushed before anyone asked for runs. Read first: a row without tips would start them.
    const tips = await home.refs({ id: "", name, ...found });
    const audit = [this.#entry(by, "repository.create", name, { path: wanted.path ?? null })];
    const row = await store.repositories.add({ forge: home.name, name, ...found, createdAt: now() }, tips, { audit });
    await news.follow(row);
    control.repositoryChanged(row.id);
    return this.view(row);
  }

  async remove(name: string, by: string): Promise<void> {
    const { store, forges, news, warn, control } = this.#options;
    const row = await this.byName(name);
    if ((await store.runs.open()).some((run) => run.repositoryId === row.id))
      throw new SluiceError("conflict", `${name} has unfinished runs.`, { help: "Cancel them, or wait." });
    const audit = [this.#entry(by, "repository.remove", name, {})];
    // The files go once the rows are gone for certain; without a server, when the next one starts.
    await store.repositories.remove(row.id, (left) => ({ audit, messages: leftMessages(left) }));
    news.unfollow(row.id);
    await forges
      .named(row.forge)
      ?.deactivate(row)
      .catch((error: unknown) =>
        warn("cannot remove what the forge keeps of a removed repository", {
          repository: name,
          error: messageOf(error),
        }),
      );
    control.repositoryChanged(row.id);
  }

  async dispatch(name: string, { ref, ...by }: ManualStart): Promise<{ readonly event: string }> {
    const row = await this.byName(name);
    const forge = this.#options.forges.of(row);
    const at = await forge.resolve(row, ref);
    if (at === undefined) throw new SluiceError("not-found", `${name} has no branch or tag ${ref}.`);
    const id = `manual:${crypto.randomUUID()}`;
    const event = await forge.event(row, { kind: "manual", ...at, ...by });
    const detail = { ref: event.ref, sha: event.sha, workflow: by.workflow ?? null };
    const audit = this.#entry(by.sender, "workflow.dispatch", name, detail);
    await this.#options.control.accept(event, row.id, id, audit);
    return { event: id };
  }

  pushed(id: string): void {
    this.#options.news.poll(id);
  }

  #entry(actor: string, action: string, subject: string, detail: AuditEntry["detail"]): AuditEntry {
    return { at: this.#options.now(), actor, action, subject, detail };
  }
}
