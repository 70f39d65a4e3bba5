import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api/client.ts";
import { isErrorLine } from "./command.ts";

const MOST = 1_000;
const PAUSE = 200;

export interface Found {
  /** Lines that match, in order, from 1. */
  readonly lines: readonly number[];
  /** There are more than are listed. */
  readonly more: boolean;
  readonly pending: boolean;
  readonly error: Error | null;
}

/** Searches the whole log on the server, a moment after the reader stopped typing; while the log grows, again with each `version`. */
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
    placeholderData: (previous, before) => (before?.queryKey[3] === settled ? previous : undefined),
  });
  const answer = settled === "" ? undefined : query.data;
  return { lines: answer?.matches.map((match) => match.line) ?? [], more: answer?.more ?? false, pending: text !== "" && (settled !== text || query.isPending), error: query.error };
}

const traces = ["error", "fail", "fatal", "panic", "exception"];

/** The lines that tell of a failure, from 1, in order: what `n` and `p` jump between. Asked for when `wanted`. */
export function useErrorLines(job: string, step: number, wanted: boolean): readonly number[] {
  const query = useQuery({
    queryKey: ["log-errors", job, step],
    queryFn: async ({ signal }) => {
      const [first, ...found] = await Promise.all([api.firstError(job, step, signal), ...traces.map((trace) => api.searchLog(job, step, trace, MOST, signal))]);
      const lines = found.flatMap((answer) => answer.matches.filter((match) => isErrorLine(match.text)).map((match) => match.line));
      return [...new Set(first.line === null ? lines : [first.line, ...lines])].toSorted((a, b) => a - b);
    },
    enabled: wanted,
    staleTime: Infinity,
  });
  return query.data ?? [];
}

/** The group headings of the whole log and their ends, from 1. Asked for when `wanted`. */
export function useGroupLines(job: string, step: number, wanted: boolean): { heads: readonly number[]; ends: readonly number[] } | undefined {
  const query = useQuery({
    queryKey: ["log-groups", job, step],
    queryFn: async ({ signal }) => {
      const seek = (text: string) => api.searchLog(job, step, text, MOST, signal);
      const [heads, shortHeads, ends, shortEnds] = await Promise.all([seek("::group::"), seek("##[group]"), seek("::endgroup::"), seek("##[endgroup]")]);
      const lines = (...answers: (typeof heads)[]): number[] => answers.flatMap((answer) => answer.matches.map((match) => match.line));
      return { heads: lines(heads, shortHeads), ends: lines(ends, shortEnds) };
    },
    enabled: wanted,
    staleTime: Infinity,
  });
  return query.data;
}
