import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandLines } from "./command-lines.ts";

function shown(...pieces: readonly string[]): string {
  const lines = new CommandLines();
  return pieces.map((piece) => lines.push(Buffer.from(piece)).toString()).join("") + lines.endLine().toString();
}

describe("commands in the output of steps", () => {
  it.each([
    ["::error file=a.js,line=3,title=Types::No.%0AReally\n", "error a.js:3: Types: No.\nReally\n"],
    ["::warning::w\r\n", "warning: w\n"],
    ["##[error]Process completed with exit code 1.\n", "error: Process completed with exit code 1.\n"],
    ["::group::Install\nnpm\n::endgroup::\nrest", "▾ Install\nnpm\nrest\n"],
    ["::debug::d\n", "d\n"],
    ["::add-mask::***\n::unknown::\n::\n##[\n# [x]\n", "::add-mask::***\n::unknown::\n::\n##[\n# [x]\n"],
    ["a ::error::b\n::error without an end", "a ::error::b\n::error without an end\n"],
    [`::error::${"x".repeat(70_000)}`, `::error::${"x".repeat(70_000)}\n`],
  ])("%j is shown as people read it", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it("is shown the same wherever the input is cut", () => {
    const text = "plain\n::group::g\n##[warning]w\n::notice file=f::n\nä:: end\n::endgroup::\n##not\n";
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 8 }), (cuts) => {
        const bytes = Buffer.from(text);
        const lines = new CommandLines();
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((to, index) => lines.push(bytes.subarray(places[index], to)));
        expect(Buffer.concat([...pieces, lines.endLine()]).toString()).toBe(
          "plain\n▾ g\nwarning: w\nnotice f: n\nä:: end\n##not\n",
        );
      }),
    );
  });
});
