import { describe, expect, it } from "vitest";
import { Bed } from "./control-bed.ts";

const day = 86_400_000;

describe("registered runners", () => {
  it("are bounded: one that was silent for days makes room, one that is about does not", async () => {
    let now = Date.now();
    await using bed = await Bed.open({ limits: { runners: 2 }, now: () => now });
    const first = await bed.runner("first");
    now += day;
    await bed.runner("second");
    await expect(bed.runner("third")).rejects.toMatchObject({ code: "conflict", message: "2 runners are registered; that is the limit." });
    // Its own registration anew is not one more.
    await bed.control.registerRunner({ id: first.id, name: "first", labels: [], capacity: 1 });
    now += 2.5 * day;
    await bed.control.registerRunner({ id: first.id, name: "first", labels: [], capacity: 1 });
    now += day;
    await bed.runner("third");
    expect((await bed.control.runners()).map((each) => each.name)).toEqual(["first", "third"]);
  });
});
