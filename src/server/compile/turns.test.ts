import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

/** Work that ends when it is told to, in the order in which it began. */
function bench(most: number) {
  const turns = new Turns(most);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string, key: string): Promise<void> =>
    turns.run(key, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, ask, end, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

describe("Turns", () => {
  it("gives keys their turns, so that one key's queue waits behind the others", async () => {
    const { begun, ask, end, settled } = bench(1);
    for (const name of ["a1", "a2", "a3", "b1", "c1"]) void ask(name, name.charAt(0));
    await settled();
    for (const name of ["a1", "b1", "c1", "a2"]) await end(name);
    expect(begun).toEqual(["a1", "b1", "c1", "a2", "a3"]);
  });

  it("never runs two of one key, and leaves its place to others", async () => {
    const { begun, ask, end, settled } = bench(2);
    for (const name of ["a1", "a2", "b1", "b2", "c1"]) void ask(name, name.charAt(0));
    await settled();
    expect(begun).toEqual(["a1", "b1"]);
    await end("b1");
    expect(begun).toEqual(["a1", "b1", "c1"]);
    await end("a1");
    expect(begun).toEqual(["a1", "b1", "c1", "b2"]);
  });

  it("continues after work that fails", async () => {
    const turns = new Turns(1);
    await expect(turns.run("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await turns.run("a", async () => "yes")).toBe("yes");
  });
});
