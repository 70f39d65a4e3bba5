import { type Kysely, sql } from "kysely";
import { type Event, SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import { present } from "../fields.ts";
import { isUnreadable } from "../json/codec.ts";
import { annotationCodec, diagnosticsCodec, eventCodec, plansCodec, waitCodec, workflowsCodec } from "../json/kinds.ts";
import type { Most } from "../newest.ts";
import type { Store } from "../port.ts";
import type { DamagedRun, ListedRun, RunFilter, RunRow } from "../rows.ts";
import type { Database } from "../schema.ts";
import { withEffects, writeEffects } from "./effects.ts";
import { writeChange } from "./run-change.ts";

// The same text as in the partial index, which is only used then.
const open = [sql.lit<"pending">("pending"), sql.lit<"blocked">("blocked"), sql.lit<"running">("running")];

const columns = [
  "run.id",
  "run.repository_id",
  "repository.name as repository",
  "event.body as event",
  "run.number",
  "run.attempt",
  "run.status",
  "run.wait",
  "run.title",
  "run.sha",
  "run.workflows",
  "run.diagnostics",
  "run.version",
  "run.created_at",
  "run.started_at",
  "run.finished_at",
] as const;

function select(db: Kysely<Database>) {
  return db
    .selectFrom("run")
    .innerJoin("repository", "repository.id", "run.repository_id")
    .innerJoin("event", "event.id", "run.event_id")
    .select(columns);
}

type Found = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

function toListed(row: Found): ListedRun {
  try {
    return toRow(row);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { ...columnsOf(row), sha: row.sha, damage: error };
  }
}

function toRow(row: Found): RunRow {
  return {
    ...columnsOf(row),
    event: eventCodec.decode(row.event, `event of run ${row.id}`),
    workflows: workflowsCodec.decode(row.workflows, `run ${row.id}`),
    diagnostics: diagnosticsCodec.decode(row.diagnostics, `run ${row.id}`),
    ...(row.wait === null ? {} : { wait: waitCodec.decode(row.wait, `run ${row.id}`) }),
  };
}

function columnsOf(row: Found): Omit<DamagedRun, "sha" | "damage" | "wait"> {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    repository: row.repository,
    number: row.number,
    attempt: row.attempt,
    status: row.status,
    title: row.title,
    version: row.version,
    createdAt: row.created_at,
    ...present({ startedAt: row.started_at, finishedAt: row.finished_at }),
  };
}

export function runs(context: StoreContext): Store["runs"] {
  const { db } = context;
  return {
    create: (row) => create(context, row),
    async byId(id) {
      const row = await select(db).where("run.id", "=", id).executeTakeFirst();
      return row && toRow(row);
    },
    async lastNumber(repositoryId) {
      const row = await db
        .selectFrom("repository")
        .select("last_run")
        .where("id", "=", repositoryId)
        .executeTakeFirst();
      return row?.last_run ?? 0;
    },
    list: (filter) => list(db, filter),
    async plans(id) {
      const row = await db.selectFrom("run_plan").select("plans").where("run_id", "=", id).executeTakeFirst();
      return row === undefined ? [] : plansCodec.decode(row.plans, `run_plan ${id}`);
    },
    async state(id) {
      const row = await db
        .selectFrom("run")
        .innerJoin("run_state", "run_state.run_id", "run.id")
        .select(["run_state.state", "run.version"])
        .where("run.id", "=", id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      // Read after the version: parts newer than it make the next change fail, and it is computed again.
      const parts = await db
        .selectFrom("run_state_part")
        .select("value")
        .where("run_id", "=", id)
        .orderBy("place")
        .orderBy("key")
        .execute();
      return { state: row.state, parts: parts.map((part) => part.value), version: row.version };
    },
    apply: (change, effects = {}) => withEffects(context, effects, (trx) => writeChange(trx, context.makeId, change)),
    async open() {
      const rows = await select(db).where("run.status", "in", open).orderBy("run.id").execute();
      return rows.map(toListed);
    },
    async titles(ids) {
      if (ids.length === 0) return [];
      return db.selectFrom("run").select(["id", "number", "title"]).where("id", "in", ids).orderBy("id").execute();
    },
    async annotations(runId, most) {
      const newest = db
        .selectFrom("annotation")
        .select(["id", sql<number>`octet_length(body)`.as("bytes")])
        .where("run_id", "=", runId)
        .orderBy("id", "desc")
        .limit(most.rows + 1);
      const { from, more } = within(await newest.execute(), most);
      if (from === undefined) return { rows: [], more };
      const rows = await db
        .selectFrom("annotation")
        .selectAll()
        .where("run_id", "=", runId)
        .where("id", ">=", from)
        .orderBy("id")
        .execute();
      return {
        rows: rows.map((row) => ({
          jobId: row.job_id,
          step: row.step,
          annotation: annotationCodec.decode(row.body, `annotation ${row.id}`),
        })),
        more,
      };
    },
    async summaries(runId, most) {
      const newest = db
        .selectFrom("summary")
        .select(["id", sql<number>`octet_length(markdown)`.as("bytes")])
        .where("run_id", "=", runId)
        .orderBy("id", "desc")
        .limit(most.rows + 1);
      const { from, more } = within(await newest.execute(), most);
      if (from === undefined) return { rows: [], more };
      const rows = await db
        .selectFrom("summary")
        .selectAll()
        .where("run_id", "=", runId)
        .where("id", ">=", from)
        .orderBy("id")
        .execute();
      return { rows: rows.map((row) => ({ jobId: row.job_id, step: row.step, markdown: row.markdown })), more };
    },
  };
}

/** The oldest of the newest rows that fit, and whether there are older ones. Later rows are few and are included. */
function within(
  newest: readonly { readonly id: string; readonly bytes: number }[],
  most: Most,
): { readonly from: string | undefined; readonly more: boolean } {
  let from: string | undefined;
  let bytes = 0;
  for (const [index, row] of newest.entries()) {
    bytes += row.bytes;
    if (index >= most.rows || bytes > most.bytes) return { from, more: true };
    from = row.id;
  }
  return { from, more: false };
}

async function create({ db, makeId }: StoreContext, row: Parameters<Store["runs"]["create"]>[0]): Promise<RunRow> {
  const id = await db.transaction().execute(async (trx) => {
    const known = await trx.selectFrom("run").select("id").where("event_id", "=", row.eventId).executeTakeFirst();
    if (known !== undefined) return known.id;
    // The increment locks the repository's row until the commit: numbers have no gap, because a rollback takes it back.
    const counted = await trx
      .updateTable("repository")
      .set({ last_run: row.number })
      .where("id", "=", row.repositoryId)
      .where("last_run", "=", row.number - 1)
      .executeTakeFirst();
    if (counted.numUpdatedRows === 0n) throw await notCounted(trx, row);

    const runId = row.id ?? makeId();
    await trx
      .insertInto("run")
      .values({
        id: runId,
        repository_id: row.repositoryId,
        event_id: row.eventId,
        number: row.number,
        attempt: 1,
        status: "pending",
        wait: null,
        title: row.title,
        search: searchText(row.event, [row.title, ...row.plans.flatMap((plan) => plan.runName ?? [])]),
        sha: row.event.sha,
        workflows: workflowsCodec.encode([]),
        diagnostics: diagnosticsCodec.encode(row.diagnostics),
        version: 0,
        created_at: row.createdAt,
        started_at: null,
        finished_at: null,
      })
      .execute();
    await trx
      .insertInto("run_plan")
      .values({ run_id: runId, plans: plansCodec.encode(row.plans) })
      .execute();
    await writeChange(trx, makeId, { ...row.change, runId, expect: 0 });
    await writeEffects(trx, makeId, row.effects ?? {});
    await trx.updateTable("event").set({ done: 1 }).where("id", "=", row.eventId).execute();
    return runId;
  });
  const made = await select(db).where("run.id", "=", id).executeTakeFirst();
  if (made === undefined) throw new SluiceError("not-found", "The run was removed as soon as it was created.");
  return toRow(made);
}

async function notCounted(
  trx: Kysely<Database>,
  { repositoryId, number }: { readonly repositoryId: string; readonly number: number },
): Promise<SluiceError> {
  const found = await trx.selectFrom("repository").select("id").where("id", "=", repositoryId).executeTakeFirst();
  return found === undefined
    ? new SluiceError("not-found", "The repository was removed before its run was created.")
    : new SluiceError("conflict", `Another run of the repository already has the number ${number}.`);
}

function searchText(event: Event, titles: readonly string[]): string {
  const { commit, pullRequest, sender } = event;
  const parts = [
    event.ref,
    pullRequest?.head.ref,
    ...new Set(titles),
    commit?.author.login,
    commit?.author.name,
    commit?.author.email,
    sender.login,
    sender.name,
  ];
  return parts
    .filter((part) => part !== undefined)
    .join("\n")
    .toLowerCase();
}

/** A pattern for `like … escape '\'` that finds the text itself. */
export function literally(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** `shop #12`, `#12` and `12` find a run by its number, in repositories with that name. */
function numbered(text: string): { readonly name: string; readonly number: number | undefined } {
  const match = /^(?:(\S*)\s*#\s*)?(\d{1,9})$/.exec(text.trim());
  return { name: literally(match?.[1] ?? ""), number: match === null ? undefined : Number(match[2]) };
}

async function list(db: Kysely<Database>, filter: RunFilter): Promise<readonly ListedRun[]> {
  if (filter.status?.length === 0 || filter.limit < 1) return [];
  let query = select(db);
  if (filter.repository !== undefined) query = query.where("run.repository_id", "=", filter.repository);
  if (filter.status !== undefined) query = query.where("run.status", "in", filter.status);
  if (filter.before !== undefined) query = query.where("run.id", "<", filter.before);
  if (filter.text !== undefined && filter.text.trim() !== "") {
    const text = literally(filter.text.trim().toLowerCase());
    const { name, number } = numbered(filter.text);
    query = query.where((of) =>
      of.or([
        ...(number === undefined
          ? []
          : [of.and([of("run.number", "=", number), sql<boolean>`repository.name like ${`%${name}%`} escape '\\'`])]),
        sql<boolean>`run.search like ${`%${text}%`} escape '\\'`,
        sql<boolean>`run.sha like ${`${text}%`} escape '\\'`,
      ]),
    );
  }
  return (await query.orderBy("run.id", "desc").limit(filter.limit).execute()).map(toListed);
}
