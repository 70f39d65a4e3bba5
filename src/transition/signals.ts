import type { LiveEvent } from "../model/index.ts";

/**
 * What a commit signals at once to those who wait. A signal is a hint that can be lost with its process: its facts are
 * in the database, and whoever waits for it also polls.
 */
export type Signal =
  /** Messages were stored that may be due. */
  | { readonly type: "messages" }
  /** Jobs were queued, with these labels each. */
  | { readonly type: "queued"; readonly labels: readonly (readonly string[])[] }
  /** Jobs (by row) shall stop. */
  | { readonly type: "cancelled"; readonly jobs: readonly string[] }
  /** Something that people see has changed. */
  | { readonly type: "live"; readonly event: LiveEvent };

export type SignalListener = (signal: Signal) => void;

/** Passes signals from commits to those who wait. Listeners must not block and must not throw. */
export interface Signals {
  send(signal: Signal): void;
  /** Returns a function that stops listening. */
  listen(listener: SignalListener): () => void;
}

/** Signals within this process. */
export function localSignals(): Signals {
  const listeners = new Set<SignalListener>();
  return {
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
