import type { Event } from "../model/index.ts";
import type { WorkflowFile } from "./port.ts";

/**
 * Whether an event is about a file, as far as that can be told of one that cannot be compiled. An event that names its
 * workflow is about that one only; one of a schedule is about the files that have its cron line.
 */
export function isConcerned({ path, text }: WorkflowFile, { kind, schedule, workflow }: Event): boolean {
  if (kind === "schedule") return schedule !== undefined && text.includes(schedule);
  return workflow === undefined || path === workflow || path.endsWith(`/${workflow}`);
}
