/** The id of a place in a concurrency group: the engine's holder ids are only unique within a run. */
export function memberOf(runId: string, holder: string): string {
  return `${runId}/${holder}`;
}

/** The run and the holder of a member. */
export function partsOf(member: string): readonly [run: string, holder: string] {
  const slash = member.indexOf("/");
  return [member.slice(0, slash), member.slice(slash + 1)];
}
