import { expireArtifacts } from "./housekeeping.ts";
import type { ControlOptions } from "./options.ts";
import type { Parts } from "./parts.ts";

/** Work that is done again and again, so many milliseconds after its last end. */
interface Chore {
  readonly what: string;
  readonly everyMs: number;
  /** Before the first time; `everyMs` unless told. */
  readonly afterMs?: number;
  work(): Promise<unknown>;
}

/** Begins everything that the controllers do by the clock. It ends with the background. */
export function startChores(options: ControlOptions, parts: Parts): void {
  const { background } = parts;
  for (const { what, everyMs, afterMs = everyMs, work } of chores(options, parts))
    background.later(what, afterMs, () => work().finally(() => background.every(what, everyMs, work)));
}

function chores({ store, blobs, now }: ControlOptions, parts: Parts): readonly Chore[] {
  const { logIntake, notices, reaper, runners } = parts;
  return [
    {
      what: "looking for silent runners",
      everyMs: 1000,
      work: async () => {
        runners.look();
        await reaper.look();
      },
    },
    { what: "writing down the sizes of logs", everyMs: 1000, work: () => logIntake.note() },
    { what: "looking whether there is space", everyMs: 5000, work: () => notices.look() },
    {
      what: "removing expired artifacts",
      everyMs: 3_600_000,
      afterMs: 60_000,
      work: () => expireArtifacts(store, blobs, now()),
    },
  ];
}
