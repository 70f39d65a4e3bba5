import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CrashPoint, crashPoints } from "../../src/transition/index.ts";
import { bundle } from "../support/bundle.ts";
import { run } from "../support/sluice.ts";
import { Bed, oneJob } from "./control-bed.ts";

let program: string;
let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "sluice-victim-"));
  program = await bundle(resolve("test/integration/control-victim.ts"), place);
});
afterAll(async () => {
  await rm(place, { recursive: true, force: true });
});

/** What must have been answered before the kill, and how the run ends after the next start. */
const expectations: Record<CrashPoint, { readonly said: string; readonly outcome: string }> = {
  "control.after-accept": { said: "", outcome: "1 success" },
  "control.after-create": { said: "accepted", outcome: "1 success" },
  "control.after-take": { said: "accepted", outcome: "1 success" },
  "control.after-begin": { said: "accepted taken", outcome: "1 failure" },
  "control.after-log": { said: "accepted taken begun", outcome: "1 failure" },
  "control.after-report": { said: "accepted taken begun logged", outcome: "1 failure" },
  "control.before-delivered": { said: "accepted taken begun logged reported finished", outcome: "1 success" },
};

describe("kill -9 of the server", () => {
  it.each(crashPoints)(
    "at %s: the run is there once, comes to its end, and nothing acknowledged is lost",
    async (point) => {
      const folder = await mkdtemp(join(place, "data-"));
      const { stdout, code } = await run(resolve("node_modules/.bin/node"), [program, folder], {
        env: { SLUICE_CRASH_AT: point },
      });
      expect(code).toBeNull();
      const [runner = "", ...said] = stdout.trim().split("\n");
      const { outcome, said: expected } = expectations[point];
      // Messages are delivered beside all else: that kill may come before the last words.
      expect(
        point === "control.before-delivered" ? expected.startsWith(said.join(" ")) : said.join(" ") === expected,
      ).toBe(true);

      await using bed = await Bed.open({}, folder);
      bed.files = oneJob;
      await bed.control.releaseRunner(runner.replace("runner ", ""));
      await bed.control.idle();
      const successor = await bed.runner("successor");
      await successor.work();
      expect(await bed.outcomes()).toEqual([outcome]);
      const [found] = await bed.control.runs({ limit: 1 });
      const detail = await bed.control.run(found?.id ?? "");
      expect(detail.jobs).toHaveLength(1);
      const { lines } = await bed.logs.read(detail.jobs[0]?.id ?? "", 0, 1, 5);
      expect(!said.includes("logged") || lines[0] === "hello").toBe(true);
      await expect.poll(async () => await bed.store.messages.count()).toBe(0);
      const finishes = (await bed.store.audit.list({ limit: 10 })).filter((entry) => entry.action === "run.finish");
      expect(finishes.length).toBeGreaterThan(0);
    },
  );
});
