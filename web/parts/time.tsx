import { useSyncExternalStore } from "react";
import { ago, ahead, duration } from "./duration.ts";

/** One clock for the whole page: it ticks once per second, and only while the page shows a time. */
const readers = new Set<() => void>();
let beat: ReturnType<typeof setInterval> | undefined;
let current = Date.now();

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  current = Date.now();
  beat ??= setInterval(() => {
    current = Date.now();
    for (const each of readers) each();
  }, 1_000);
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(beat);
    beat = undefined;
  };
}

/** The current time in milliseconds since 1970, rounded to seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}

/** A relative past time, with the exact one on hover and for machines. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  const then = new Date(at);
  return (
    <time
      dateTime={at}
      title={then.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })}
      className={className}
    >
      {ago(then, now)}
    </time>
  );
}

/** A relative future time, with the exact one on hover and for machines. */
export function Ahead({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  const then = new Date(at);
  return (
    <time
      dateTime={at}
      title={then.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })}
      className={className}
    >
      {ahead(then, now)}
    </time>
  );
}

/** From start to end, or to now if there is no end. Empty if it has not started. */
export function Took({ from, to }: { from: string | undefined; to: string | undefined }) {
  if (from === undefined) return null;
  return to === undefined ? <Running since={from} /> : <>{duration(Date.parse(to) - Date.parse(from))}</>;
}

function Running({ since }: { since: string }) {
  return <>{duration(useNow() - Date.parse(since))}</>;
}
