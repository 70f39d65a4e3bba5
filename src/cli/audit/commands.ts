import type { AuditPage } from "../../model/index.ts";
import { openAdministration } from "../admin.ts";
import type { AuditOptions } from "../audit.ts";
import { table } from "../table.ts";

export async function showAudit({ limit, before, json, ...options }: AuditOptions): Promise<void> {
  const administration = await openAdministration(options, { folder: true });
  try {
    const page = await administration.audit({ limit, ...(before === undefined ? {} : { before }) });
    process.stdout.write(json === true ? `${JSON.stringify(page)}\n` : describeAudit(page));
  } finally {
    await administration.close();
  }
}

/** A table of entries. */
export function describeAudit({ entries, next }: AuditPage): string {
  if (entries.length === 0) return "No entries.\n";
  const rows = entries.map(({ at, actor, action, subject, detail }) =>
    [at, actor, action, subject, JSON.stringify(detail)].map(printable),
  );
  const more = next === undefined ? "" : `Older entries: --before ${next}\n`;
  return table(["TIME", "WHO", "WHAT", "ON", "DETAIL"], rows) + more;
}

/** Names of tokens and refs come from people: control characters must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
