import { setTimeout as delay } from "node:timers/promises";

export interface Stoppable {
  /** Stops gracefully, within its own limit. */
  close(): Promise<void>;
}

/**
 * Waits for SIGTERM or SIGINT, then stops the server gracefully. A second signal exits the process at once, as if it
 * had not been caught. Returns the signal.
 */
export async function untilStopped(
  server: Stoppable,
  onStopping: (signal: NodeJS.Signals) => void = () => undefined,
): Promise<NodeJS.Signals> {
  const signal = await nextSignal();
  onStopping(signal);
  void nextSignal().then((second) => process.exit(second === "SIGINT" ? 130 : 143));
  await server.close();
  // Something that still hangs (a child that cannot be killed, say) must not keep the process from exiting.
  setTimeout(() => process.exit(), 1000).unref();
  return signal;
}

async function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const take = (signal: NodeJS.Signals): void => {
      process.off("SIGINT", take).off("SIGTERM", take);
      resolve(signal);
    };
    process.on("SIGINT", take).on("SIGTERM", take);
  });
}

/** Waits for work to finish, but at most this many milliseconds. Returns true if it finished in time. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(ms, false, { signal: late.signal, ref: true })]);
  } finally {
    late.abort();
  }
}
