import type { Event } from "../model/index.ts";
import type { WorkflowFile } from "./port.ts";

/**
 * Whether an event concerns a file, as far as this is known for a file that does not compile. An event that names a
 * workflow concerns only that one; a schedule event concerns the files with its cron line.
 */
export function isConcerned({ path, text }: WorkflowFile, { kind, schedule, workflow }: Event): boolean {
  if (kind === "schedule") return schedule !== undefined && text.includes(schedule);
  return workflow === undefined || path === workflow || path.endsWith(`/${workflow}`);
}
