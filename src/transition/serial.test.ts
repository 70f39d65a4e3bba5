import { describe, expect, it } from "vitest";
import { Serial } from "./serial.ts";

describe("Serial", () => {
  it("does one thing at a time for a key, in order, and others beside it", async () => {
    const serial = new Serial();
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = serial.run("a", async () => {
      log.push("a1 begins");
      await gate.promise;
      log.push("a1 ends");
      return 1;
    });
    const second = serial.run("a", async () => {
      log.push("a2");
      return 2;
    });
    await serial.run("b", async () => log.push("b"));
    expect(log).toEqual(["a1 begins", "b"]);
    gate.resolve();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(log).toEqual(["a1 begins", "b", "a1 ends", "a2"]);
  });

  it("goes on behind a failure, which only its caller hears of", async () => {
    const serial = new Serial();
    const failing = serial.run("a", () => Promise.reject(new Error("no")));
    const next = serial.run("a", async () => "yes");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });
});
