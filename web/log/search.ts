import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api/client.ts";
import type { LogErrors } from "../api/types.ts";

const MOST = 1_000;
const PAUSE = 200;

export interface Found {
  /** Matching lines in order, from 1. */
  readonly lines: readonly number[];
  /** There are more matches than listed. */
  readonly more: boolean;
  readonly pending: boolean;
  readonly error: Error | null;
}

/** Searches the whole log on the server, shortly after the reader stops typing, and again for each `version`. */
export function useLogSearch(job: string, step: number, text: string, version: number): Found {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({
    queryKey: ["log-search", job, step, settled, version],
    queryFn: ({ signal }) => api.searchLog(job, step, settled, MOST, signal),
    enabled: settled !== "",
    // Earlier results stay while a growing log is searched again.
    placeholderData: (previous, before) => (before?.queryKey[3] === settled ? previous : undefined),
  });
  const answer = settled === "" ? undefined : query.data;
  return {
    lines: answer?.matches.map((match) => match.line) ?? [],
    more: answer?.more ?? false,
    pending: text !== "" && (settled !== text || query.isPending),
    error: query.error,
  };
}

/**
 * The error lines in order, from 1, and the one to start reading at; undefined until loaded. Loaded if `wanted`, or by
 * `find`.
 */
export function useErrorLines(
  job: string,
  step: number,
  wanted: boolean,
  closed: boolean,
): { errors: LogErrors | undefined; answered: boolean; find: () => Promise<LogErrors | undefined> } {
  const query = useQuery({
    queryKey: ["log-errors", job, step, closed],
    queryFn: ({ signal }) => api.logErrors(job, step, signal),
    enabled: wanted,
    staleTime: closed ? Infinity : 0,
  });
  return {
    errors: query.data,
    answered: query.data !== undefined || query.error !== null,
    find: async () => query.data ?? (await query.refetch()).data,
  };
}

/** The group headings of the whole log and their ends, from 1. Loaded if `wanted`. */
export function useGroupLines(
  job: string,
  step: number,
  wanted: boolean,
): { heads: readonly number[]; ends: readonly number[] } | undefined {
  const query = useQuery({
    queryKey: ["log-groups", job, step],
    queryFn: async ({ signal }) => {
      const seek = async (text: string) =>
        (await api.searchLog(job, step, text, MOST, signal)).matches.map((match) => match.line);
      const [heads, shortHeads, ends, shortEnds] = await Promise.all([
        seek("::group::"),
        seek("##[group]"),
        seek("::endgroup::"),
        seek("##[endgroup]"),
      ]);
      return { heads: [...heads, ...shortHeads], ends: [...ends, ...shortEnds] };
    },
    enabled: wanted,
    staleTime: Infinity,
  });
  return query.data;
}
