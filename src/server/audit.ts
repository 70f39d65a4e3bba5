import type { AuditPage } from "../model/index.ts";
import type { Store } from "../store/index.ts";

/** A page of the audit log, newest first: at most `limit` entries, those before an entry. */
export async function auditPage(
  store: Pick<Store, "audit">,
  { limit, before }: { readonly limit: number; readonly before?: string },
): Promise<AuditPage> {
  // One more than asked for tells whether there is a next page.
  const found = await store.audit.list({ limit: limit + 1, ...(before === undefined ? {} : { before }) });
  const entries = found.slice(0, limit).map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
  const last = entries.at(-1);
  return { entries, ...(found.length > limit && last !== undefined ? { next: last.id } : {}) };
}
