import { useMemo, useState } from "react";
import { Folds, groupsOf, type Fold } from "./folds.ts";
import { useGroupLines } from "./search.ts";

export interface Grouping {
  readonly folds: Folds;
  /** The log has groups that can all be folded at once. */
  readonly any: boolean;
  readonly allFolded: boolean;
  readonly toggle: (head: number) => void;
  readonly toggleAll: () => void;
  /** Opens the group that hides a line, if one does. */
  readonly reveal: (line: number) => void;
}

/** Which groups of a log are folded. The server says where they are, so that a group can be folded without having been read. */
export function useGrouping(job: string, step: number, total: number, closed: boolean, hasGroups: boolean): Grouping {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const lines = useGroupLines(job, step, closed || hasGroups);
  const groups = useMemo(() => (lines ? groupsOf(lines.heads, lines.ends, total) : []), [lines, total]);
  const folds = useMemo(() => new Folds(groups.filter((group) => folded.has(group.head))), [groups, folded]);
  const without = (head: number): Set<number> => new Set([...folded].filter((each) => each !== head));
  const inside = (group: Fold, line: number): boolean => line > group.head && line <= group.end;
  return {
    folds,
    any: groups.length > 0,
    allFolded: groups.length > 0 && groups.every((group) => folded.has(group.head)),
    toggle: (head) => setFolded(folded.has(head) ? without(head) : new Set([...folded, head])),
    toggleAll: () => setFolded(folded.size > 0 ? new Set() : new Set(groups.map((group) => group.head))),
    reveal: (line) => {
      const group = groups.find((each) => folded.has(each.head) && inside(each, line));
      if (group) setFolded(without(group.head));
    },
  };
}
