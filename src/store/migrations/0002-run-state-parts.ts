import type { Kysely } from "kysely";
import * as z from "zod";
import { readValue } from "../json/codec.ts";
import type { Database } from "../schema.ts";

/** Moves each job's part of a run's state to a row of its own, so that a change need not write the whole state. */
export const runStateParts = [
  `create table run_state_part (
    run_id text not null references run (id) on delete cascade, key text not null, place bigint not null,
    value text not null, primary key (run_id, key))`,
] as const;

/** How a state was stored as one text. */
const wholeState = z.object({
  engine: z.object({ jobs: z.array(z.object({ key: z.string() })) }),
  rows: z.record(z.string(), z.string()),
  broken: z.unknown(),
});

/** Splits the states stored so far. A job keeps its position. */
export async function splitRunStates(trx: Kysely<Database>): Promise<void> {
  const runs = await trx.selectFrom("run_state").select("run_id").execute();
  for (const { run_id } of runs) {
    const { state } = await trx
      .selectFrom("run_state")
      .select("state")
      .where("run_id", "=", run_id)
      .executeTakeFirstOrThrow();
    const whole = readValue(wholeState, state);
    if (whole === undefined) continue;
    const { engine, rows, broken } = whole;
    const { jobs, ...head } = engine;
    const positions = new Map(
      (await trx.selectFrom("job").select(["id", "position"]).where("run_id", "=", run_id).execute()).map((row) => [
        row.id,
        row.position,
      ]),
    );
    for (const job of jobs) {
      const row = rows[job.key] ?? "";
      await trx
        .insertInto("run_state_part")
        .values({ run_id, key: job.key, place: positions.get(row) ?? 0, value: JSON.stringify({ job, row }) })
        .execute();
    }
    await trx
      .updateTable("run_state")
      .set({ state: JSON.stringify({ engine: head, broken }) })
      .where("run_id", "=", run_id)
      .execute();
  }
}
