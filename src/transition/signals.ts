import type { LiveEvent } from "../model/index.ts";

/**
 * What a commit signals at once to those who wait. A signal is a hint that can be lost, or sent by somebody else: its facts
 * are in the database, and whoever waits for it checks there when it hears the signal, and polls.
 */
export type Signal =
  /** Messages were stored that may be due. */
  | { readonly type: "messages" }
  /** Jobs were queued, with these labels each; if there are none, any jobs may be. */
  | { readonly type: "queued"; readonly labels: readonly (readonly string[])[] }
  /** Jobs (by row) shall stop; if there are none, any job may have to. */
  | { readonly type: "cancelled"; readonly jobs: readonly string[] }
  /** Something that people see has changed. */
  | { readonly type: "live"; readonly event: LiveEvent };

export type SignalListener = (signal: Signal) => void;

/** Passes signals from commits to those who wait. Listeners must not block and must not throw. */
export interface Signals {
  /** Whether signals come from and go to other processes, too. Those can be lost. */
  readonly shared: boolean;
  send(signal: Signal): void;
  /** Returns a function that stops listening. */
  listen(listener: SignalListener): () => void;
  /** Sends what still waits to other processes, and receives nothing more from them. Never rejects. */
  close(): Promise<void>;
}

/** Signals within this process. */
export function localSignals(): Signals {
  const listeners = new Set<SignalListener>();
  return {
    shared: false,
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {},
  };
}
