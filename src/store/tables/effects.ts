import type { Kysely } from "kysely";
import { SluiceError } from "../../model/index.ts";
import type { StoreContext } from "../context.ts";
import { auditCodec } from "../json/kinds.ts";
import type { AuditEntry, Effects, NewMessage } from "../rows.ts";
import type { Database } from "../schema.ts";

/** Thrown inside a transaction to roll it back: its input has changed. */
class Stale extends SluiceError {
  constructor() {
    super("conflict", "Another process has changed the state.");
  }
}

/**
 * Runs a transaction that changes something together with its effects. Returns false and writes nothing if `write`
 * returns false, or if the message that the change settles is already gone.
 */
export async function withEffects(
  { db, makeId }: StoreContext,
  effects: Effects,
  write: (trx: Kysely<Database>) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await db.transaction().execute(async (trx) => {
      if (!(await write(trx))) throw new Stale();
      await writeEffects(trx, makeId, effects);
      return true;
    });
  } catch (error) {
    if (error instanceof Stale) return false;
    throw error;
  }
}

/** Writes effects inside the caller's transaction. Throws, and so rolls it back, if the message is already settled. */
export async function writeEffects(
  trx: Kysely<Database>,
  makeId: StoreContext["makeId"],
  { messages = [], audit = [], settles }: Effects,
): Promise<void> {
  if (settles !== undefined) {
    const settled = await trx.deleteFrom("outbox").where("id", "=", settles).executeTakeFirst();
    if (settled.numDeletedRows === 0n) throw new Stale();
  }
  await writeMessages(trx, messages);
  for (const entry of audit) await writeAudit(trx, makeId, entry);
}

export async function writeMessages(trx: Kysely<Database>, messages: readonly NewMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map(({ topic, key, body, dueAt }) => ({
    topic,
    key: key ?? null,
    body,
    due_at: dueAt ?? 0,
    attempts: 0,
    holds: 1,
    last_error: null,
  }));
  await trx.insertInto("outbox").values(rows).execute();
}

async function writeAudit(
  trx: Kysely<Database>,
  makeId: StoreContext["makeId"],
  { at, actor, action, subject, detail }: AuditEntry,
): Promise<void> {
  await trx
    .insertInto("audit")
    .values({ id: makeId(), at, actor, action, subject, detail: auditCodec.encode(detail) })
    .execute();
}
