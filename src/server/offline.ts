import type { Config } from "../config/index.ts";
import { SluiceError } from "../model/index.ts";
import type { AuditPage, Repository, Schedules } from "../model/index.ts";
import { lockData, openStore, type TokenRow } from "../store/index.ts";
import { auditPage } from "./audit.ts";
import { Tokens } from "./http/identity.ts";
import { openForges, RepositoryService } from "./repositories/index.ts";
import { databaseOf, folders } from "./storage/index.ts";

/** What an administrator does from the command line, with or without a running server. */
export interface Administration {
  repositories(): Promise<readonly Repository[]>;
  addRepository(options: { readonly name: string; readonly path?: string }): Promise<Repository>;
  removeRepository(name: string): Promise<void>;
  schedules(): Promise<Schedules>;
  tokens(): Promise<
    readonly {
      readonly id: string;
      readonly name: string;
      readonly role: TokenRow["role"];
      readonly createdAt: string;
    }[]
  >;
  createToken(options: {
    readonly name: string;
    readonly role: TokenRow["role"];
  }): Promise<{ readonly id: string; readonly token: string }>;
  removeToken(id: string): Promise<void>;
  /** A page of the audit log, newest first: at most `limit` entries (1 to 500), those before an entry. */
  audit(page: { readonly limit: number; readonly before?: string }): Promise<AuditPage>;
  close(): Promise<void>;
}

/**
 * Works on the data folder itself, while no server does. Rejects with `data-locked` if one is running. Starts nothing:
 * pushes in a spool wait for the server.
 */
export async function openOffline(config: Config): Promise<Administration> {
  await using held = new AsyncDisposableStack();
  held.adopt(lockData(config.data), (each) => each.release());
  const place = folders(config.data);
  const store = held.adopt(await openStore({ database: databaseOf(config), now: Date.now }), (each) => each.close());
  const tokens = new Tokens(store);
  const url = config.externalUrl ?? `http://${config.listen.host}:${config.listen.port}`;
  const cloneTokens = {
    create: () => {
      throw new SluiceError("unavailable", "No server is running.");
    },
  };
  const forges = held.use(openForges({ store, gitFolder: place.git, url, cloneTokens, now: Date.now, warn: unheard }));
  const repositories = new RepositoryService({
    store,
    forges,
    home: forges.git,
    now: Date.now,
    // Its pushes wait in their spool for a server.
    news: { follow: async (row) => forges.of(row).activate(row), unfollow: () => undefined, poll: () => undefined },
    control: {
      accept: async () => {
        throw new SluiceError("unavailable", "No server is running.");
      },
      repositoryChanged: () => undefined,
    },
    warn: unheard,
  });
  const stack = held.move();
  return {
    repositories: async () => repositories.list(),
    addRepository: async (options) => repositories.create(options, by),
    removeRepository: async (name) => repositories.remove(name, by),
    schedules: async () => {
      throw new SluiceError("unavailable", "No server is running on the data folder, so no schedule is due.", {
        help: "Start it with `sluice server`, or name another with --server.",
      });
    },
    tokens: async () =>
      (await store.tokens.list()).map((row) => ({
        id: row.id,
        name: row.name,
        role: row.role,
        createdAt: new Date(row.createdAt).toISOString(),
      })),
    createToken: async ({ name, role }) => {
      const made = await tokens.create({ name, role, createdAt: Date.now() }, by);
      return { id: made.row.id, token: made.token };
    },
    removeToken: (id) => tokens.revoke(id, by, Date.now()),
    audit: (page) => auditPage(store, page),
    close: async () => stack.disposeAsync(),
  };
}

/** Who acts: whoever owns the data folder, as over the control socket. */
const by = "local";

/** Nobody reads a log here: errors are thrown. */
function unheard(): void {}
