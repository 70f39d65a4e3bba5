/** Names a place in a concurrency group: the engine's holder ids are unique within a run only. */
export function memberOf(runId: string, holder: string): string {
  return `${runId}/${holder}`;
}

/** The run and the holder that a member stands for. */
export function partsOf(member: string): readonly [run: string, holder: string] {
  const slash = member.indexOf("/");
  return [member.slice(0, slash), member.slice(slash + 1)];
}
