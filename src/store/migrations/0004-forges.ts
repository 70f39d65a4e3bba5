import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Database } from "../schema.ts";

/** A repository records its forge and its id there; where plain git stores it moves to a table of git's own. */
export const forges = [
  `alter table repository add column forge text not null default 'git'`,
  `alter table repository add column remote_id text not null default ''`,
  `create table git_repository (remote_id text primary key, path text not null, managed integer not null)`,
] as const;

/** `repository` before this migration. */
interface Before extends Database {
  repository: Database["repository"] & { path: string; managed: number };
}

/** Gives stored repositories the id that git's adapter gives to their path. */
export async function movePaths(trx: Kysely<Database>): Promise<void> {
  const before = trx as unknown as Kysely<Before>;
  const rows = await before.selectFrom("repository").select(["id", "path", "managed"]).orderBy("id").execute();
  const taken = new Set<string>();
  for (const { id, path, managed } of rows) {
    // Only a check prevented attaching a path twice; the second of two keeps an id of its own.
    const remote = createHash("sha256").update(path).digest("hex").slice(0, 32);
    const remoteId = taken.has(remote) ? id : remote;
    taken.add(remote);
    await trx.updateTable("repository").set({ remote_id: remoteId }).where("id", "=", id).execute();
    await trx.insertInto("git_repository").values({ remote_id: remoteId, path, managed }).execute();
  }
  const { schema } = trx;
  await schema.alterTable("repository").dropColumn("path").execute();
  await schema.alterTable("repository").dropColumn("managed").execute();
  await schema.createIndex("repository_of_forge").unique().on("repository").columns(["forge", "remote_id"]).execute();
}
