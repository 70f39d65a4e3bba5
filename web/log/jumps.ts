import { useEffect, useMemo, useRef, useState } from "react";
import type { Step } from "../api/types.ts";
import { isOver } from "../state/state.ts";
import { useErrorLines, useLogSearch, type Found } from "./search.ts";
import type { LogState } from "./tail.ts";

export interface SearchJumps {
  readonly found: Found;
  /** Which match was jumped to last, from 0; -1 before the first. */
  readonly at: number;
  readonly line: number | undefined;
  readonly jump: (by: 1 | -1) => void;
  /** The text has changed: the next jump goes to the match nearest to what is seen. */
  readonly restart: () => void;
}

/** Goes through the matches of a search; the first jump starts at `near`, a line in sight. */
export function useSearchJumps(
  job: string,
  step: number,
  text: string,
  state: LogState,
  near: number,
  go: (line: number) => void,
): SearchJumps {
  const [at, setAt] = useState(-1);
  // While the log grows new matches come: a search is repeated every so many lines.
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
  /** How many there are; undefined until they have been looked for. */
  readonly count: number | undefined;
  readonly more: boolean;
  /** It is not known yet where the log opens. */
  readonly opening: boolean;
  /** Whether a line is one of them. */
  readonly has: (line: number) => boolean;
  readonly jump: (by: 1 | -1) => void;
}

/**
 * Goes through the lines that tell of a failure, from `from` on. Those of a failed step are looked for unasked, and it opens at
 * its first error, once, unless the address names lines (`named`): `open` hears the line, or null when none is known.
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
