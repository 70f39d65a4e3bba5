/** The id of a workflow's place in its group; a re-run asks anew. */
export function workflowHolder(workflow: string, attempt: number): string {
  return `workflow:${workflow}:${attempt}`;
}

/** The id of a job's place in its group. */
export function jobHolder(key: string, attempt: number): string {
  return `job:${key}:${attempt}`;
}

/** Whom the holder's id means, as a cancel names it; undefined for text that is none. */
export function holderTarget(holder: string): { readonly workflow: string } | { readonly key: string } | undefined {
  const [, kind, name] = /^(workflow|job):(.*):\d+$/s.exec(holder) ?? [];
  if (name === undefined) return undefined;
  return kind === "workflow" ? { workflow: name } : { key: name };
}
