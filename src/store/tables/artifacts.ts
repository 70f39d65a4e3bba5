import type { Selectable } from "kysely";
import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";
import type { ArtifactRow } from "../rows.ts";
import type { Database } from "../schema.ts";

function toRow(row: Selectable<Database["artifact"]>): ArtifactRow {
  return {
    id: row.id,
    runId: row.run_id,
    jobId: row.job_id,
    name: row.name,
    bytes: row.bytes,
    blob: row.blob,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export function artifacts({ db, makeId }: StoreContext): Store["artifacts"] {
  return {
    add: (row, overwrite) =>
      db.transaction().execute(async (trx) => {
        const run = await trx.selectFrom("run").select("attempt").where("id", "=", row.runId).executeTakeFirst();
        if (run === undefined) throw new SluiceError("not-found", "The run of the artifact was removed.");
        const { attempt } = run;
        const same = trx
          .deleteFrom("artifact")
          .where("run_id", "=", row.runId)
          .where("attempt", "=", attempt)
          .where("name", "=", row.name);
        const replaced = overwrite ? await same.returning("blob").executeTakeFirst() : undefined;
        const added = await trx
          .insertInto("artifact")
          .values({
            id: makeId(),
            run_id: row.runId,
            job_id: row.jobId,
            attempt,
            name: row.name,
            bytes: row.bytes,
            blob: row.blob,
            created_at: row.createdAt,
            expires_at: row.expiresAt,
          })
          .onConflict((conflict) => conflict.columns(["run_id", "attempt", "name"]).doNothing())
          .returningAll()
          .executeTakeFirst();
        if (added === undefined) {
          throw new SluiceError(
            "already-exists",
            `This attempt of the run already has an artifact named ${row.name}.`,
            { help: "Choose another name, or set overwrite." },
          );
        }
        return { row: toRow(added), ...(replaced === undefined ? {} : { replaced: replaced.blob }) };
      }),
    async ofRun(runId) {
      return (
        await db.selectFrom("artifact").selectAll().where("run_id", "=", runId).orderBy("id", "desc").execute()
      ).map(toRow);
    },
    async byId(id) {
      const row = await db.selectFrom("artifact").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toRow(row);
    },
    async used(runId) {
      const repository = db.selectFrom("run").select("repository_id").where("id", "=", runId);
      const rows = await db
        .selectFrom("artifact")
        .innerJoin("run", "run.id", "artifact.run_id")
        .select((of) => [
          of.fn.sum<number | string | null>("artifact.bytes").as("all"),
          of.fn.sum<number | string | null>("artifact.bytes").filterWhere("artifact.run_id", "=", runId).as("own"),
        ])
        .where("run.repository_id", "=", repository)
        .executeTakeFirst();
      // A sum of PostgreSQL's bigint is a numeric, returned as text; the sum of no rows is null.
      return { run: Number(rows?.own ?? 0), repository: Number(rows?.all ?? 0) };
    },
    async expired(now) {
      return (
        await db.selectFrom("artifact").selectAll().where("expires_at", "<=", now).orderBy("expires_at").execute()
      ).map(toRow);
    },
    async remove(id) {
      await db.deleteFrom("artifact").where("id", "=", id).execute();
    },
  };
}
