import type { Kysely } from "kysely";
import * as z from "zod";
import type { Wait } from "../../model/index.ts";
import { readValue } from "../json/codec.ts";
import { waitCodec } from "../json/kinds.ts";
import type { Database } from "../schema.ts";

/** What runs and jobs wait for is data, no longer a sentence. */
export const waits = [
  "alter table run drop column waits_for",
  "alter table run add column wait text",
  "alter table job drop column waits_for",
  "alter table job add column wait text",
] as const;

/** As much of a job's state as says what it waits for. */
const partSchema = z.object({
  row: z.string(),
  job: z.object({
    workflow: z.string(),
    status: z.string(),
    stage: z.string().optional(),
    needs: z.array(z.string()).optional(),
    labels: z.array(z.string()).optional(),
    holder: z.object({ group: z.string() }).optional(),
    settings: z.object({ maxParallel: z.number() }).optional(),
  }),
});
/** As much of the state's head as says which workflows wait for a group. */
const headSchema = z.object({
  engine: z.object({
    workflows: z.array(
      z.object({ workflow: z.string(), stage: z.string(), holder: z.object({ group: z.string() }).optional() }),
    ),
  }),
});
type JobPart = z.infer<typeof partSchema>["job"];

/** Says of jobs that wait what they wait for, from their states; what the engine knows better it says with the next change. */
export async function convertWaits(trx: Kysely<Database>): Promise<void> {
  const open = await trx
    .selectFrom("run")
    .select("id")
    .where("status", "in", ["pending", "blocked", "running"])
    .execute();
  for (const { id } of open) {
    const parts = await trx
      .selectFrom("run_state_part")
      .select("value")
      .where("run_id", "=", id)
      .orderBy("place")
      .execute();
    const groups = await groupsOf(trx, id);
    let first: Wait | undefined;
    for (const { value } of parts) {
      const part = readValue(partSchema, value);
      const wait = part && waitOf(part.job, groups);
      if (part === undefined || wait === undefined) continue;
      first ??= wait;
      await trx
        .updateTable("job")
        .set({ wait: waitCodec.encode(wait) })
        .where("id", "=", part.row)
        .execute();
    }
    if (first !== undefined)
      await trx
        .updateTable("run")
        .set({ wait: waitCodec.encode(first) })
        .where("id", "=", id)
        .where("status", "in", ["pending", "blocked"])
        .execute();
  }
}

/** Workflows that wait for their group, with its name. */
async function groupsOf(trx: Kysely<Database>, runId: string): Promise<ReadonlyMap<string, string>> {
  const row = await trx.selectFrom("run_state").select("state").where("run_id", "=", runId).executeTakeFirst();
  const workflows = readValue(headSchema, row?.state ?? "null")?.engine.workflows ?? [];
  return new Map(
    workflows.filter(({ stage }) => stage === "group").map(({ workflow, holder }) => [workflow, holder?.group ?? ""]),
  );
}

function waitOf(
  { workflow, status, stage, needs = [], labels = [], holder, settings }: JobPart,
  groups: ReadonlyMap<string, string>,
): Wait | undefined {
  if (status === "queued") return { for: "runner", labels };
  if (status !== "waiting") return undefined;
  const outer = groups.get(workflow);
  if (outer !== undefined) return { for: "group", group: outer };
  if (stage === "slot") return { for: "slot", maxParallel: settings?.maxParallel ?? 1 };
  if (stage === "group") return { for: "group", group: holder?.group ?? "" };
  return { for: "jobs", jobs: needs.map((job) => ({ job, name: job, open: 1, cells: 1 })) };
}
