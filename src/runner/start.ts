import { setTimeout } from "node:timers/promises";
import type { JobPorts, RunJob } from "../job/index.ts";
import type { Assignment, Lease } from "../model/index.ts";
import { SluiceError, retryDelay } from "../model/index.ts";
import type { RunnerChannel } from "./channel.ts";
import { JobSession } from "./job-session.ts";
import { Backoff, emptyRetry, isPassing, wait } from "./retry.ts";

export interface RunnerOptions {
  /** The server's own service in the same process, or `httpChannel`. */
  readonly channel: RunnerChannel;
  /** The value of `runner.name` in steps. */
  readonly name: string;
  readonly labels: readonly string[];
  /** Jobs at once, at least 1. */
  readonly capacity: number;
  /** Folder that contains the job folders. */
  readonly workRoot: string;
  readonly backend: JobPorts["backend"];
  readonly runJob: RunJob;
  /** How long a step can take to end after TERM, in milliseconds; 10,000 by default. */
  readonly graceMs?: number;
  /** Runs one job and stops. */
  readonly once?: boolean;
  /** The clock, for the end of a job that could not run. */
  readonly now?: () => number;
  /** Receives events, for people. */
  readonly onEvent?: (event: RunnerEvent) => void;
}

export type RunnerEvent =
  | { readonly type: "job.taken"; readonly assignment: Assignment }
  | { readonly type: "job.finished"; readonly job: string }
  /** It is another runner's by now, was refused for good, or was given up by `stop("abandon")`. */
  | { readonly type: "job.dropped"; readonly job: string; readonly reason: unknown }
  /** A call about a job failed and is made again until it succeeds; said once for each call. */
  | { readonly type: "call.failed"; readonly job: string; readonly error: unknown }
  /** The server cannot be reached; said once until it is back. */
  | { readonly type: "server.away"; readonly error: unknown }
  | { readonly type: "server.back" };

export interface Runner {
  /** Jobs it is running. */
  readonly busy: number;
  /** Resolves when it has stopped; rejects if the server rejects it permanently (a revoked token, say). */
  readonly done: Promise<void>;
  /**
   * Takes no more jobs and resolves when none are left. `finish` waits for running jobs; `abandon` kills them and
   * reports nothing, so that the server hands them to another runner as it does with those of a dead one; it waits for
   * them at most their grace period plus 5 s. `abandon` can follow `finish`.
   */
  stop(how: "finish" | "abandon"): Promise<void>;
}

const defaultGraceMs = 10_000;
/** How long the server can hold a request for jobs. */
const waitMs = 30_000;

/** Starts a runner: requests jobs while it has free capacity, and runs several at once. */
export function startRunner(options: RunnerOptions): Runner {
  const sessions = new Map<string, JobSession>();
  const stopping = new AbortController();
  const capacity = options.once === true ? 1 : Math.max(1, options.capacity);
  const tell = (event: RunnerEvent): void => options.onEvent?.(event);

  let change = Promise.withResolvers<void>();
  /** Wakes those who wait for a job to finish, or for the runner to stop. */
  const changed = (): void => {
    const before = change;
    change = Promise.withResolvers();
    before.resolve();
  };
  stopping.signal.addEventListener("abort", changed, { once: true });

  const run = async (assignment: Assignment): Promise<void> => {
    const { job } = assignment.lease;
    const onTrouble = (error: unknown): void => tell({ type: "call.failed", job, error });
    const session = new JobSession(assignment, { graceMs: defaultGraceMs, now: Date.now, onTrouble, ...options });
    const held = sessions.get(job);
    // The server sent it again because the first answer seemed lost.
    if (held?.lease.fence === assignment.lease.fence) return;
    // A job that this runner holds with an older number was leased again: the old lease is over.
    held?.drop(new SluiceError("lease-stale", "The job was leased again."));
    sessions.set(job, session);
    tell({ type: "job.taken", assignment });
    const end = await session.run();
    if (sessions.get(job) === session) sessions.delete(job);
    tell(end.type === "finished" ? { type: "job.finished", job } : { type: "job.dropped", job, reason: end.reason });
    changed();
  };

  const lease = leaseLoop(options, {
    signal: stopping.signal,
    free: () => capacity - sessions.size,
    holds: () => [...sessions.values()].map((session) => session.lease),
    change: () => change.promise,
    take: (assignment) => {
      void run(assignment);
      if (options.once === true) stopping.abort();
    },
    tell,
  });

  const abandon = (reason: unknown): void => {
    for (const session of sessions.values()) session.drop(reason);
  };
  const idle = async (): Promise<void> => {
    while (sessions.size > 0) await change.promise;
  };
  const done = lease.then(idle, async (error: unknown) => {
    abandon(error);
    await idle();
    throw error;
  });
  done.catch(() => {
    // Whoever looks at `done` hears of it; nobody has to.
  });

  return {
    get busy() {
      return sessions.size;
    },
    done,
    async stop(how) {
      stopping.abort();
      if (how === "abandon") abandon(new SluiceError("unavailable", "The runner is stopping."));
      const stopped = done.catch(() => {
        // Why it stopped does not matter to who stops it.
      });
      await (how === "finish"
        ? stopped
        : Promise.race([stopped, setTimeout((options.graceMs ?? defaultGraceMs) + 5_000, undefined, { ref: false })]));
    },
  };
}

interface LeaseLoop {
  readonly signal: AbortSignal;
  readonly free: () => number;
  readonly holds: () => readonly Lease[];
  /** Resolves when a job has finished, or the runner stops. */
  readonly change: () => Promise<void>;
  readonly take: (assignment: Assignment) => void;
  readonly tell: (event: RunnerEvent) => void;
}

async function leaseLoop(
  { channel, labels }: RunnerOptions,
  { signal, free, holds, change, take, tell }: LeaseLoop,
): Promise<void> {
  const backoff = new Backoff();
  let away = false;
  let early = 0;
  while (!signal.aborted) {
    if (free() < 1) {
      await change();
      continue;
    }
    const asked = performance.now();
    try {
      const assignments = await channel.lease({ labels, free: free(), holds: holds(), waitMs }, signal);
      if (away) tell({ type: "server.back" });
      away = false;
      backoff.reset();
      for (const assignment of assignments) take(assignment);
      // An early response without jobs is normal (another runner was faster), but repeated ones would be a busy loop.
      early = assignments.length === 0 && performance.now() - asked < 1_000 ? early + 1 : 0;
      if (early > 3) await wait(retryDelay(emptyRetry, early - 3) ?? 0, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      if (!away) tell({ type: "server.away", error });
      away = true;
      await backoff.pause(signal).catch(() => {
        // The signal ends the loop.
      });
    }
  }
}
