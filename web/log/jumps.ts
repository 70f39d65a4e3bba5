import { useEffect, useMemo, useRef, useState } from "react";
import type { Step } from "../api/types.ts";
import { isOver } from "../state/state.ts";
import { useErrorLines, useLogSearch, type Found } from "./search.ts";
import type { LogState } from "./tail.ts";

export interface SearchJumps {
  readonly found: Found;
  /** Index of the current match, from 0; -1 before the first jump. */
  readonly at: number;
  readonly line: number | undefined;
  readonly jump: (by: 1 | -1) => void;
  /** The search text has changed: the next jump goes to the match nearest to the view. */
  readonly restart: () => void;
}

/** Steps through the matches of a search; the first jump starts at `near`, a visible line. */
export function useSearchJumps(
  job: string,
  step: number,
  text: string,
  state: LogState,
  near: number,
  go: (line: number) => void,
): SearchJumps {
  const [at, setAt] = useState(-1);
  // A growing log brings new matches: the search repeats every so many lines.
  const found = useLogSearch(job, step, text, state.closed ? -1 : Math.floor(state.total / 2_000));
  const { lines } = found;
  return {
    found,
    at,
    line: at < 0 ? undefined : lines[at],
    jump: (by) => {
      const next =
        at < 0
          ? Math.max(
              0,
              lines.findIndex((line) => line >= near),
            )
          : (at + by + lines.length) % lines.length;
      const line = lines[next];
      if (line === undefined) return;
      setAt(next);
      go(line);
    },
    restart: () => setAt(-1),
  };
}

export interface ErrorJumps {
  /** The number of errors; undefined until they are loaded. */
  readonly count: number | undefined;
  readonly more: boolean;
  /** Where the log opens is not known yet. */
  readonly opening: boolean;
  /** Whether a line is an error. */
  readonly has: (line: number) => boolean;
  readonly jump: (by: 1 | -1) => void;
}

/**
 * Steps through the error lines, starting at `from`. A failed step loads them at once and opens at its first error,
 * once, unless the address names lines (`named`): `open` receives the line, or null if there is none.
 */
export function useErrorJumps(
  job: string,
  step: Step,
  state: LogState,
  named: boolean,
  from: number,
  go: (line: number) => void,
  open: (line: number | null) => void,
): ErrorJumps {
  const failed = step.status === "failure";
  const { errors, answered, find } = useErrorLines(job, step.index, failed, state.closed || isOver(step.status));
  const [wanted] = useState(!named && failed);
  const done = useRef(!wanted);
  useEffect(() => {
    if (done.current || !answered) return;
    done.current = true;
    open(errors?.first ?? null);
  });
  const jump = async (by: 1 | -1): Promise<void> => {
    const lines = (errors ?? (await find()))?.lines ?? [];
    const line =
      by === 1
        ? (lines.find((each) => each > from) ?? lines[0])
        : (lines.findLast((each) => each < from) ?? lines.at(-1));
    if (line !== undefined) go(line);
  };
  const known = useMemo(() => new Set(errors?.lines), [errors]);
  return {
    count: errors?.lines.length,
    more: errors?.more ?? false,
    opening: wanted && !answered,
    has: (line) => known.has(line),
    jump: (by) => void jump(by),
  };
}
