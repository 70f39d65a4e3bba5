import { useCallback, useMemo, useState } from "react";
import { Folds, groupsOf } from "./folds.ts";
import { useGroupLines } from "./search.ts";
import type { LogState } from "./tail.ts";

export interface Grouping {
  readonly folds: Folds;
  /** Whether there are groups to fold. */
  readonly any: boolean;
  readonly allFolded: boolean;
  readonly toggle: (head: number) => void;
  readonly toggleAll: () => void;
  /** Unfolds the group that hides a line, if any. */
  readonly reveal: (line: number) => void;
  /** The reader has come across a group, so fetch where the others are. */
  readonly seeGroups: () => void;
}

/**
 * Which groups of a log are folded. The server lists all groups, so one can be folded before it is loaded. A growing
 * log cannot be folded: its groups are incomplete.
 */
export function useGrouping(job: string, step: number, { total, closed }: LogState): Grouping {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [seen, setSeen] = useState(false);
  const lines = useGroupLines(job, step, closed && seen);
  const groups = useMemo(() => (lines ? groupsOf(lines.heads, lines.ends, total) : []), [lines, total]);
  const folds = useMemo(() => new Folds(groups.filter((group) => folded.has(group.head))), [groups, folded]);
  return {
    folds,
    any: groups.length > 0,
    allFolded: groups.length > 0 && groups.every((group) => folded.has(group.head)),
    toggle: useCallback((head: number) => setFolded((before) => changed(before, head)), []),
    toggleAll: () => setFolded(folded.size > 0 ? new Set() : new Set(groups.map((group) => group.head))),
    reveal: (line) => {
      const group = groups.find((each) => folded.has(each.head) && line > each.head && line <= each.end);
      if (group) setFolded((before) => changed(before, group.head));
    },
    seeGroups: useCallback(() => setSeen(true), []),
  };
}

function changed(set: ReadonlySet<number>, member: number): ReadonlySet<number> {
  return set.has(member) ? new Set([...set].filter((each) => each !== member)) : new Set([...set, member]);
}
