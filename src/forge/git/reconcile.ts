import { refs } from "./history.ts";
import { zeroSha } from "./names.ts";
import type { RefUpdate } from "./spool.ts";

/**
 * Unreported moves: the difference between a repository's branches and tags and the recorded tips (commits both). Finds
 * pushes whose hook did not run, or whose report was lost in a power cut.
 */
export async function missedUpdates(
  repository: string,
  tips: ReadonlyMap<string, string>,
): Promise<readonly RefUpdate[]> {
  const now = await refs(repository);
  const updates: RefUpdate[] = [];
  for (const [ref, after] of now) {
    const before = tips.get(ref) ?? zeroSha;
    if (before !== after) updates.push({ before, after, ref });
  }
  for (const [ref, before] of tips) {
    if (!now.has(ref)) updates.push({ before, after: zeroSha, ref });
  }
  return updates;
}
