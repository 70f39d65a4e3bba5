import type { Kysely } from "kysely";
import { makeId } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import { eventCodec } from "../json/kinds.ts";
import { readable } from "../json/rows.ts";
import type { Store } from "../port.ts";
import type { LeftFiles, RunRetention } from "../rows.ts";
import type { Database } from "../schema.ts";
import { writeEffects } from "./effects.ts";
import { literally } from "./runs.ts";

const open = ["pending", "blocked", "running"] as const;
/** The newest runs whose ref looks like the default branch's; names of branches differ in case at most. */
const lookalikes = 20;

export function retention(context: StoreContext): Store["retention"] {
  const { db, makeId: newId } = context;
  return {
    removeRuns: (repositoryId, rule, limit, effects) =>
      db.transaction().execute(async (trx) => {
        const found = await candidates(trx, repositoryId, rule, limit);
        const kept = found.length === 0 ? undefined : await newestOfDefaultBranch(context, trx, repositoryId);
        const ids = found.filter((id) => id !== kept);
        if (ids.length === 0) return 0;
        const left = await filesOf(trx, ids);
        const removed = await trx
          .deleteFrom("run")
          .where("id", "in", ids)
          // One that was run again meanwhile is open now.
          .where("status", "not in", open)
          .returning("id")
          .execute();
        const gone = new Set(removed.map(({ id }) => id));
        await writeEffects(trx, newId, effects(of(gone, left)));
        return gone.size;
      }),
    async removeEvents(before, limit) {
      const old = await db
        .selectFrom("event")
        .select("id")
        // Ids begin with their time: only old rows are read.
        .where("id", "<", makeId(before, new Uint8Array(16)))
        .where("received_at", "<", before)
        .where("done", "=", 1)
        .where((is) =>
          is.not(is.exists(is.selectFrom("run").select("run.id").whereRef("run.event_id", "=", "event.id"))),
        )
        .where((is) =>
          is.not(
            is.exists(
              is.selectFrom("schedule").select("schedule.cron").whereRef("schedule.last_event", "=", "event.id"),
            ),
          ),
        )
        .orderBy("id")
        .limit(limit)
        .execute();
      if (old.length === 0) return 0;
      const ids = old.map(({ id }) => id);
      await db.deleteFrom("event").where("id", "in", ids).execute();
      return ids.length;
    },
  };
}

/** Ended runs that the rule lets go, oldest first. */
async function candidates(
  trx: Kysely<Database>,
  repositoryId: string,
  rule: RunRetention,
  limit: number,
): Promise<readonly string[]> {
  const last = async (newest: number): Promise<number | undefined> => {
    const ofRepository = trx.selectFrom("run").select("number").where("repository_id", "=", repositoryId);
    const row = await ofRepository
      .orderBy("number", "desc")
      .offset(newest - 1)
      .limit(1)
      .executeTakeFirst();
    return row?.number;
  };
  const floor = await last(rule.floor);
  if (floor === undefined) return [];
  const counted = await last(rule.count);
  const { endedBefore, endedBeforeIfMore } = rule;
  const rows = await trx
    .selectFrom("run")
    .select("id")
    .where("repository_id", "=", repositoryId)
    .where("number", "<", floor)
    .where("status", "not in", open)
    .where((is) =>
      is.or([
        ...(endedBefore === undefined ? [] : [is("finished_at", "<", endedBefore)]),
        ...(counted === undefined
          ? []
          : [is.and([is("number", "<", counted), is("finished_at", "<", endedBeforeIfMore)])]),
      ]),
    )
    .orderBy("number")
    // One more: the newest of the default branch may be among them.
    .limit(limit + 1)
    .execute();
  return rows.map(({ id }) => id);
}

async function newestOfDefaultBranch(
  { report }: StoreContext,
  trx: Kysely<Database>,
  repositoryId: string,
): Promise<string | undefined> {
  const repository = await trx
    .selectFrom("repository")
    .select("default_branch")
    .where("id", "=", repositoryId)
    .executeTakeFirst();
  if (repository === undefined) return undefined;
  const ref = `refs/heads/${repository.default_branch}`;
  const rows = await trx
    .selectFrom("run")
    .innerJoin("event", "event.id", "run.event_id")
    .select(["run.id", "event.body"])
    .where("run.repository_id", "=", repositoryId)
    // The ref is the first line.
    .where("run.search", "like", `${literally(ref.toLowerCase())}\n%`)
    .orderBy("run.number", "desc")
    .limit(lookalikes)
    .execute();
  const read = readable(rows, ({ id, body }) => ({ id, event: eventCodec.decode(body, `event of run ${id}`) }), report);
  return read.find(({ event }) => event.ref === ref)?.id;
}

interface Found {
  readonly jobs: readonly { readonly id: string; readonly run_id: string }[];
  readonly artifacts: readonly { readonly blob: string; readonly run_id: string }[];
}

async function filesOf(trx: Kysely<Database>, runs: readonly string[]): Promise<Found> {
  return {
    jobs: await trx.selectFrom("job").select(["id", "run_id"]).where("run_id", "in", runs).execute(),
    artifacts: await trx.selectFrom("artifact").select(["blob", "run_id"]).where("run_id", "in", runs).execute(),
  };
}

function of(runs: ReadonlySet<string>, { jobs, artifacts }: Found): LeftFiles {
  return {
    jobs: jobs.filter((each) => runs.has(each.run_id)).map(({ id }) => id),
    blobs: artifacts.filter((each) => runs.has(each.run_id)).map(({ blob }) => blob),
  };
}
