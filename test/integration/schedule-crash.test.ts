import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scheduleCrashPoints } from "../../src/transition/index.ts";
import { bundle } from "../support/bundle.ts";
import { run } from "../support/sluice.ts";
import { Bed, hourly } from "./control-bed.ts";

let program: string;
let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "sluice-victim-"));
  program = await bundle(resolve("test/integration/schedule-victim.ts"), place);
});
afterAll(async () => {
  await rm(place, { recursive: true, force: true });
});

describe("kill -9 of the server while a schedule is due", () => {
  it.each([...scheduleCrashPoints, "control.after-accept"])(
    "at %s: the schedule has started once when the next server is up, and is due again at its next time",
    async (point) => {
      const folder = await mkdtemp(join(place, "data-"));
      const { stdout, code } = await run(resolve("node_modules/.bin/node"), [program, folder], {
        env: { SLUICE_CRASH_AT: point },
      });
      // The push that brings the schedule is accepted as well: that kill comes before there is anything to start.
      const known = point !== "control.after-accept";
      expect([stdout, code]).toEqual([known ? "known\n" : "", null]);

      const clock = { now: Date.parse("2026-06-01T01:05:00Z") };
      await using bed = await Bed.open({ now: () => clock.now }, folder);
      bed.files = hourly;
      await bed.control.schedules.check(bed.repository.id);
      await bed.control.schedules.tick();
      await bed.control.schedules.tick();
      await bed.control.idle();
      expect((await bed.control.runs({ limit: 9 })).map(({ event }) => event)).toEqual(known ? ["schedule"] : []);
      await (await bed.runner()).work();
      clock.now = Date.parse("2026-06-01T02:00:00Z");
      await bed.control.schedules.tick();
      await bed.control.idle();
      expect(await bed.control.runs({ limit: 9 })).toHaveLength(known ? 2 : 1);
    },
  );
});
