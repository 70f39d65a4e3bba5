import type { Selectable } from "kysely";
import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { RepositoryRow } from "../rows.ts";
import type { Database } from "../schema.ts";
import { writeEffects } from "./effects.ts";

function toRow(row: Selectable<Database["repository"]>): RepositoryRow {
  return {
    id: row.id,
    forge: row.forge,
    remoteId: row.remote_id,
    name: row.name,
    defaultBranch: row.default_branch,
    createdAt: row.created_at,
  };
}

export function repositories({ db, makeId }: StoreContext): Store["repositories"] {
  const one = async (column: "id" | "name", value: string): Promise<RepositoryRow | undefined> => {
    const row = await db.selectFrom("repository").selectAll().where(column, "=", value).executeTakeFirst();
    return row === undefined ? undefined : toRow(row);
  };
  const byRemote = async (forge: string, remoteId: string): Promise<RepositoryRow | undefined> => {
    const row = await db
      .selectFrom("repository")
      .selectAll()
      .where("forge", "=", forge)
      .where("remote_id", "=", remoteId)
      .executeTakeFirst();
    return row && toRow(row);
  };
  return {
    async add(row, tips = new Map(), effects = {}) {
      const added = await db.transaction().execute(async (trx) => {
        const inserted = await trx
          .insertInto("repository")
          .values({
            id: makeId(),
            forge: row.forge,
            remote_id: row.remoteId,
            name: row.name,
            default_branch: row.defaultBranch,
            last_run: 0,
            created_at: row.createdAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (inserted === undefined) return undefined;
        await moveTips(trx, inserted.id, tips);
        await writeEffects(trx, makeId, effects);
        return inserted;
      });
      if (added !== undefined) return toRow(added);
      const other = await byRemote(row.forge, row.remoteId);
      throw new SluiceError(
        "already-exists",
        other === undefined || other.name === row.name
          ? `A repository named ${row.name} already exists.`
          : `${row.name} is already registered as ${other.name}.`,
      );
    },
    byName: (name) => one("name", name),
    byId: (id) => one("id", id),
    byRemote,
    async list() {
      return (await db.selectFrom("repository").selectAll().orderBy("name").execute()).map(toRow);
    },
    remove: (id, effects = () => ({})) =>
      db.transaction().execute(async (trx) => {
        const runs = trx.selectFrom("run").select("id").where("repository_id", "=", id);
        const jobs = await trx.selectFrom("job").select("id").where("run_id", "in", runs).execute();
        const artifacts = await trx.selectFrom("artifact").select("blob").where("run_id", "in", runs).execute();
        const caches = await trx.selectFrom("cache").select("blob").where("repository_id", "=", id).execute();
        const left = { jobs: jobs.map((job) => job.id), blobs: [...artifacts, ...caches].map((each) => each.blob) };
        const removed = await trx.deleteFrom("repository").where("id", "=", id).executeTakeFirst();
        if (removed.numDeletedRows > 0n) await writeEffects(trx, makeId, effects(left));
        return left;
      }),
    async tips(id) {
      const rows = await db
        .selectFrom("ref_tip")
        .select(["ref", "sha"])
        .where("repository_id", "=", id)
        .orderBy("ref")
        .execute();
      return new Map(rows.map((row) => [row.ref, row.sha]));
    },
    setTips: (id, tips) => db.transaction().execute((trx) => moveTips(trx, id, tips)),
    async setDefaultBranch(id, branch) {
      await db.updateTable("repository").set({ default_branch: branch }).where("id", "=", id).execute();
    },
  };
}

/** Tips in one statement: three parameters each. */
const tipsAtOnce = 1000;

/** Records commits of refs; null removes a ref. */
export async function moveTips(
  trx: StoreContext["db"],
  repositoryId: string,
  tips: ReadonlyMap<string, string | null>,
): Promise<void> {
  const moved: { repository_id: string; ref: string; sha: string }[] = [];
  const gone: string[] = [];
  for (const [ref, sha] of tips) {
    if (sha === null) gone.push(ref);
    else moved.push({ repository_id: repositoryId, ref, sha });
  }
  for (let at = 0; at < moved.length; at += tipsAtOnce) {
    await trx
      .insertInto("ref_tip")
      .values(moved.slice(at, at + tipsAtOnce))
      .onConflict((conflict) =>
        conflict.columns(["repository_id", "ref"]).doUpdateSet((of) => ({ sha: of.ref("excluded.sha") })),
      )
      .execute();
  }
  for (let at = 0; at < gone.length; at += tipsAtOnce) {
    await trx
      .deleteFrom("ref_tip")
      .where("repository_id", "=", repositoryId)
      .where("ref", "in", gone.slice(at, at + tipsAtOnce))
      .execute();
  }
}
