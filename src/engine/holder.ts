/** The id of a workflow's place in its group; a re-run requests a new one. */
export function workflowHolder(workflow: string, attempt: number): string {
  return `workflow:${workflow}:${attempt}`;
}

/** The id of a job's place in its group. */
export function jobHolder(key: string, attempt: number): string {
  return `job:${key}:${attempt}`;
}

/** The target that a holder id stands for, for a cancel; undefined if the text is not a holder id. */
export function holderTarget(holder: string): { readonly workflow: string } | { readonly key: string } | undefined {
  const [, kind, name] = /^(workflow|job):(.*):\d+$/s.exec(holder) ?? [];
  if (name === undefined) return undefined;
  return kind === "workflow" ? { workflow: name } : { key: name };
}
