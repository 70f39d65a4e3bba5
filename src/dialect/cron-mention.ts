import type { WorkflowFile } from "./port.ts";

// Without the front ends: see `places.ts`.

/** The branch whose schedules run: the default branch, in every dialect. */
export function scheduleRef(repository: { readonly defaultBranch: string }): string {
  return `refs/heads/${repository.defaultBranch}`;
}

/** False if none of the files can have a schedule: cheap, without parsing them. */
export function mayHaveSchedules(files: readonly WorkflowFile[]): boolean {
  return files.some(mentionsCron);
}

/** Every dialect's schedules contain this word, so most files can be skipped unread. */
export function mentionsCron({ text }: WorkflowFile): boolean {
  return text.includes("cron");
}
