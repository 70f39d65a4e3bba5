import { describe, expect, it } from "vitest";
import { SluiceError } from "../../model/index.ts";
import { Notices } from "./notices.ts";

const full = new SluiceError("storage-full", "The disk that holds the database is full.");

describe("notices", () => {
  it("tell once that the storage is full, since when, and go when there was space for a while", async () => {
    let now = 1_000_000;
    let failure: Error | undefined;
    const thorough: boolean[] = [];
    let changes = 0;
    const notices = new Notices({
      now: () => now,
      changed: () => (changes += 1),
      storage: {
        check: async (thoroughly) => {
          thorough.push(thoroughly);
          if (failure !== undefined) throw failure;
        },
      },
    });
    notices.report(new SluiceError("unavailable", "away"));
    notices.report(new Error("full"));
    await notices.check();
    expect([notices.list, changes]).toEqual([[], 0]);
    notices.report(full);
    now += 5000;
    notices.report(full);
    expect(notices.list).toMatchObject([
      { code: "storage-full", message: full.message, since: new Date(1_000_000).toISOString() },
    ]);
    failure = full;
    now += 60_000;
    await notices.check();
    failure = undefined;
    now += 5000;
    await notices.check();
    expect([notices.list.length, changes]).toEqual([1, 1]);
    now += 5000;
    await notices.check();
    expect([notices.list.length, changes]).toEqual([0, 2]);
    expect(thorough).toEqual([false, true, true, true]);
  });

  it("come from the volume alone, when nothing else asks for space", async () => {
    const notices = new Notices({ now: () => 1, changed: () => {}, storage: { check: () => Promise.reject(full) } });
    await notices.check();
    expect(notices.list).toHaveLength(1);
  });
});
