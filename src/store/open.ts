import { type Dialect, Kysely } from "kysely";
import { SluiceError } from "../model/index.ts";
import { type Channel, soleChannel } from "./channel.ts";
import { type Flavour, postgres, sqlite } from "./database/flavour.ts";
import { sqliteDialect } from "./database/sqlite.ts";
import { idMaker } from "./id.ts";
import { migrate } from "./migration.ts";
import type { Store } from "./port.ts";
import type { Database } from "./schema.ts";
import { artifacts } from "./tables/artifacts.ts";
import { files } from "./tables/files.ts";
import { retention } from "./tables/retention.ts";
import { audit } from "./tables/audit.ts";
import { caches } from "./tables/caches.ts";
import { events } from "./tables/events.ts";
import { gitRepositories } from "./tables/git-repositories.ts";
import { groups } from "./tables/groups.ts";
import { jobs } from "./tables/jobs.ts";
import { leases } from "./tables/leases.ts";
import { messages } from "./tables/messages.ts";
import { repositories } from "./tables/repositories.ts";
import { runners } from "./tables/runners.ts";
import { runs } from "./tables/runs.ts";
import { schedules } from "./tables/schedules.ts";
import { tokens } from "./tables/tokens.ts";

export interface StoreOptions {
  /** `sqlite:<path>`, `:memory:` or `postgres://user:password@host:port/database`. */
  readonly database: string;
  /** Milliseconds since 1970: the time in the ids that the store creates. */
  readonly now: () => number;
  /** Called with rows that are skipped because their content is damaged, each time they are read. */
  readonly report?: (error: SluiceError) => void;
}

/**
 * Opens the database, after creating it or migrating its schema. Throws `schema-newer`, `config-invalid` for an unknown
 * URL, `storage-broken`, `storage-full`, or `unavailable` if the database cannot be reached.
 */
export async function openStore({ database, now, report = () => {} }: StoreOptions): Promise<Store> {
  const { dialect, flavour, channel, closeChannel } = await choose(database);
  const db = new Kysely<Database>({ dialect });
  try {
    await migrate(db, flavour, now);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const context = { db, flavour, makeId: idMaker(now), report };
  return {
    repositories: repositories(context),
    gitRepositories: gitRepositories(context),
    events: events(context),
    runs: runs(context),
    jobs: jobs(context),
    runners: runners(context),
    tokens: tokens(context),
    artifacts: artifacts(context),
    caches: caches(context),
    messages: messages(context),
    leases: leases(context),
    groups: groups(context),
    schedules: schedules(context),
    files: files(context),
    retention: retention(context),
    audit: audit(context),
    channel,
    async close() {
      await closeChannel();
      await db.destroy();
    },
  };
}

interface Choice {
  readonly dialect: Dialect;
  readonly flavour: Flavour;
  readonly channel: Channel;
  readonly closeChannel: () => Promise<void>;
}

async function choose(database: string): Promise<Choice> {
  if (/^postgres(ql)?:\/\//.test(database)) {
    // Loaded on demand: the driver takes memory.
    const { postgresDialect } = await import("./database/postgres.ts");
    const { NotifyChannel } = await import("./database/notify.ts");
    const channel = new NotifyChannel(database);
    return { dialect: postgresDialect(database), flavour: postgres, channel, closeChannel: () => channel.close() };
  }
  const path = database.replace(/^sqlite:/, "");
  if (path === ":memory:" || (database.startsWith("sqlite:") && path !== ""))
    return { dialect: sqliteDialect(path), flavour: sqlite, channel: soleChannel, closeChannel: async () => {} };
  throw new SluiceError(
    "config-invalid",
    `The database is neither sqlite:<path> nor postgres://…: ${database.replace(/\/\/.*@/, "//…@")}`,
  );
}
