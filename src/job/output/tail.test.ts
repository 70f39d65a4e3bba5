import { describe, expect, it } from "vitest";
import { Tail } from "./tail.ts";

function tailOf(...pieces: readonly string[]): string {
  const tail = new Tail();
  const buffer = Buffer.alloc(200_000);
  // One buffer for all, as a reader of a pipe has.
  for (const piece of pieces) tail.add(buffer.subarray(0, buffer.write(piece)));
  return tail.text;
}

describe("the end of what a process printed", () => {
  it("is all of it, without line breaks at the end and without NUL", () => {
    expect(tailOf("a\n", "\nb é", "\r\n\n")).toBe("a\n\nb é");
    expect(tailOf("a\0b\0")).toBe("ab");
    expect(tailOf()).toBe("");
  });

  it("is whole lines of at most 64 KiB", () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} é`);
    for (const text of [tailOf(...lines.map((line) => `${line}\n`)), tailOf(`${lines.slice(-10_000).join("\n")}\n`)]) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
      expect(Buffer.byteLength(text)).toBeGreaterThan(60_000);
      const left = text.split("\n");
      expect(left).toEqual(lines.slice(-left.length));
    }
  });

  it("is the end of a line that alone is longer", () => {
    expect(tailOf("x".repeat(100_000))).toBe("x".repeat(65_536));
  });
});
