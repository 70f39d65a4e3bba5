import { expireArtifacts } from "../storage/expiry.ts";
import type { ControlOptions } from "./options.ts";
import type { Parts } from "./parts.ts";

/** Recurring work, with its delay in milliseconds after each end. */
interface Chore {
  readonly what: string;
  readonly everyMs: number;
  /** Before the first time; `everyMs` by default. */
  readonly afterMs?: number;
  work(): Promise<unknown>;
}

/** Starts all of the controllers' timed work. It ends with the background. */
export function startChores(options: ControlOptions, parts: Parts): void {
  const { background } = parts;
  for (const { what, everyMs, afterMs = everyMs, work } of chores(options, parts))
    background.later(what, afterMs, () => work().finally(() => background.every(what, everyMs, work)));
}

/** The removing parts of the timed work, one after the other. */
export async function tidy({ store, blobs, now }: ControlOptions, { retention, sweep }: Parts): Promise<void> {
  await expireArtifacts(store, blobs, now());
  await retention.check();
  await sweep.check();
}

function chores({ store, blobs, now }: ControlOptions, parts: Parts): readonly Chore[] {
  const { logIntake, notices, reaper, retention, runners, sweep } = parts;
  return [
    {
      what: "checking for silent runners",
      everyMs: 1000,
      work: async () => {
        runners.check();
        await reaper.check();
      },
    },
    { what: "storing log sizes", everyMs: 1000, work: () => logIntake.note() },
    { what: "checking disk space", everyMs: 5000, work: () => notices.check() },
    {
      what: "removing expired artifacts",
      everyMs: 3_600_000,
      afterMs: 60_000,
      work: () => expireArtifacts(store, blobs, now()),
    },
    { what: "removing old runs", everyMs: 3_600_000, afterMs: 90_000, work: () => retention.check() },
    { what: "removing lost files", everyMs: 86_400_000, afterMs: 600_000, work: () => sweep.check() },
  ];
}
