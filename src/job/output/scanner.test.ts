import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./command.ts";
import { CommandScanner } from "./scanner.ts";

/** What is shown and what was taken for a command, when the bytes come in pieces of these sizes. */
function scan(bytes: Buffer, sizes: readonly number[]): { shown: string; lines: readonly string[] } {
  const lines: string[] = [];
  const scanner = new CommandScanner((line) => {
    lines.push(line);
    return parseCommand(line)?.name === "hide";
  });
  const shown: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    shown.push(...scanner.write(bytes.subarray(at, at + size)));
    at += size;
  }
  shown.push(...scanner.flush());
  return { shown: Buffer.concat(shown).toString("latin1"), lines };
}

/** The same, line by line. */
function reference(bytes: Buffer): { shown: string; lines: readonly string[] } {
  const lines: string[] = [];
  let shown = "";
  for (const line of bytes.toString("latin1").match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const whole = Buffer.from(line, "latin1").toString("utf8");
    const text = whole.endsWith("\r\n") ? whole.slice(0, -2) : whole.replace(/\n$/, "");
    if (!/^[ \t\r]*(?:::|##\[)/.test(text)) {
      shown += line;
      continue;
    }
    lines.push(text);
    if (parseCommand(text)?.name !== "hide") shown += line;
  }
  return { shown, lines };
}

describe("CommandScanner", () => {
  it("finds the same commands and shows the same text wherever the output is cut", () => {
    const part = fc.constantFrom(
      "::hide::x",
      "::show::y",
      "##[hide]z",
      "text",
      "a::b",
      ":",
      "#",
      "##",
      " ",
      "\t",
      "\n",
      "\n",
      "\r\n",
      "::",
      "ü",
      "[",
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
        (parts, sizes) => {
          const bytes = Buffer.from(parts.join(""));
          expect(scan(bytes, sizes)).toEqual(reference(bytes));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("passes output without commands as the same bytes, invalid UTF-8 included", () => {
    const bytes = Buffer.from([0xff, 0x0a, 0xc3, 0x28, 0x0a]);
    expect(new CommandScanner(() => true).write(bytes)).toEqual([bytes]);
  });

  it("does not collect an endless line that begins like a command", () => {
    const scanner = new CommandScanner(() => true);
    let shown = 0;
    let held = 0;
    for (let round = 0; round < 100; round += 1) {
      const piece = Buffer.alloc(65_536, round === 0 ? ":" : "x");
      for (const out of scanner.write(piece)) shown += out.length;
      held = Math.max(held, (round + 1) * 65_536 - shown);
    }
    expect(shown).toBe(100 * 65_536);
    expect(held).toBeLessThan(1_200_000);
  });

  it("accepts a command that arrives byte by byte, up to the maximum length", () => {
    const line = `::hide::${"x".repeat(400_000)}\n`;
    expect(scan(Buffer.from(line), [1]).lines).toHaveLength(1);
  });
});

describe("parseCommand", () => {
  it.each([
    [
      "::error file=app.js,line=1,endLine=2,col=3,title=A%2CB%3A%25::bad%0Aworse%25",
      {
        name: "error",
        properties: { file: "app.js", line: "1", endline: "2", col: "3", title: "A,B:%" },
        data: "bad\nworse%",
      },
    ],
    ["  ::set-output name=a::b::c", { name: "set-output", properties: { name: "a" }, data: "b::c" }],
    ["::set-output name=a=b::", { name: "set-output", properties: { name: "a=b" }, data: "" }],
    ["##[group]title", { name: "group", properties: {}, data: "title" }],
    ["##[set-env name=x;]a%3Bb%5D", { name: "set-env", properties: { name: "x" }, data: "a;b]" }],
    ["::endgroup::", { name: "endgroup", properties: {}, data: "" }],
    ["::warning::%250A", { name: "warning", properties: {}, data: "%0A" }],
  ])("reads %s", (line, expected) => {
    expect(parseCommand(line)).toEqual(expected);
  });

  it.each(["text ::error::x", "::", ":: error::x", "::error x", "std::string::x", "##[", "##[]x"])(
    "does not read %s as one",
    (line) => {
      expect(parseCommand(line)).toBeUndefined();
    },
  );
});
