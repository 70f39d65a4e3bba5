import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api } from "../api/client.ts";
import type { Step } from "../api/types.ts";
import { useErrorLines, useLogSearch, type Found } from "./search.ts";
import type { LogState } from "./tail.ts";

/** Up to this many lines a log is searched for errors unasked; beyond, when the reader wants to jump to one. */
const SMALL = 50_000;

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
export function useSearchJumps(job: string, step: number, text: string, state: LogState, near: number, go: (line: number) => void): SearchJumps {
  const [at, setAt] = useState(-1);
  // While the log grows new matches come: a search is repeated every so many lines.
  const found = useLogSearch(job, step, text, state.closed ? -1 : Math.floor(state.total / 2_000));
  const { lines } = found;
  return {
    found,
    at,
    line: at < 0 ? undefined : lines[at],
    jump: (by) => {
      const next = at < 0 ? Math.max(0, lines.findIndex((line) => line >= near)) : (at + by + lines.length) % lines.length;
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
  readonly jump: (by: 1 | -1) => void;
}

/** Goes through the lines that tell of a failure, from `from` on; looks for them first when that has not been done. */
export function useErrorJumps(job: string, step: Step, state: LogState, from: number, go: (line: number) => void): ErrorJumps {
  const unasked = state.ready && state.closed && step.status === "failure" && state.total <= SMALL;
  const { lines, find } = useErrorLines(job, step.index, unasked, state.closed);
  const jump = async (by: 1 | -1): Promise<void> => {
    const known = lines ?? (await find());
    const line = by === 1 ? (known.find((each) => each > from) ?? known[0]) : (known.findLast((each) => each < from) ?? known.at(-1));
    if (line !== undefined) go(line);
  };
  return { count: lines?.length, jump: (by) => void jump(by) };
}

/** A failed step opens at its first error, once, unless the address names lines: tells the line, or null when none is known. */
export function useFirstError(job: string, step: Step, named: boolean, open: (line: number | null) => void): void {
  const [wanted] = useState(!named && step.status === "failure");
  const done = useRef(!wanted);
  const first = useQuery({ queryKey: ["first-error", job, step.index], queryFn: ({ signal }) => api.firstError(job, step.index, signal), enabled: wanted, staleTime: Infinity });
  const answered = first.data !== undefined || first.error !== null;
  useEffect(() => {
    if (done.current || !answered) return;
    done.current = true;
    open(first.data?.line ?? null);
  });
}
