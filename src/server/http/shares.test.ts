import { describe, expect, it } from "vitest";
import { Shares } from "./shares.ts";

const never = new AbortController().signal;

describe("shares", () => {
  it("leave room for others, however much one holder asks for", () => {
    const shares = new Shares({ what: "places", total: 10, each: 3 });
    for (let count = 0; count < 3; count += 1) shares.take("greedy");
    for (let count = 0; count < 100; count += 1)
      expect(() => shares.take("greedy")).toThrow(expect.objectContaining({ code: "rate-limited" }));
    for (const other of ["a", "b", "c", "d", "e", "f", "g"]) shares.take(other);
    expect(() => shares.take("h")).toThrow(expect.objectContaining({ code: "unavailable" }));
    expect(shares).toMatchObject({ size: 10, refused: 101 });
  });

  it("count a slot that is released twice once", () => {
    const shares = new Shares({ what: "places", total: 2, each: 2 });
    const giveBack = shares.take("a");
    shares.take("a");
    giveBack();
    giveBack();
    expect(shares.size).toBe(1);
    shares.take("a");
    expect(() => shares.take("a")).toThrow("You have 2 places open");
  });

  it("serve those that wait in turn, past those whose own share is used up", async () => {
    const shares = new Shares({ what: "places", total: 2, each: 1 });
    const first = shares.take("a");
    const second = shares.take("b");
    const served: string[] = [];
    const wait = (holder: string) =>
      shares.wait(holder, 60_000, never).then((giveBack) => (served.push(holder), giveBack));
    const [again, other] = [wait("a"), wait("c")];
    second();
    const third = await other;
    expect(served).toEqual(["c"]);
    // The place went straight to the one that waited.
    expect(() => shares.take("d")).toThrow(expect.objectContaining({ code: "unavailable" }));
    first();
    (await again)();
    third();
    expect(served).toEqual(["c", "a"]);
    expect(shares.size).toBe(0);
  });

  it("refuse those that waited for nothing, and forget those that went away", async () => {
    const shares = new Shares({ what: "places", total: 1, each: 1 });
    const giveBack = shares.take("a");
    await expect(shares.wait("b", 1, never)).rejects.toMatchObject({ code: "unavailable" });
    await expect(shares.wait("a", 1, never)).rejects.toMatchObject({ code: "rate-limited" });
    const gone = new AbortController();
    const waiting = shares.wait("b", 60_000, gone.signal);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    giveBack();
    expect(shares.size).toBe(0);
    shares.take("c");
  });

  it("lose no slot to a client that leaves at the moment of its turn", async () => {
    const shares = new Shares({ what: "places", total: 1, each: 1 });
    const giveBack = shares.take("a");
    const gone = new AbortController();
    const waiting = shares.wait("b", 60_000, gone.signal);
    gone.abort();
    giveBack();
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    expect(shares.size).toBe(0);
  });
});
