import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pieces as piecesAt, plain } from "./ansi.ts";

const pieces = (line: string) => piecesAt(line).map(({ text, look }) => ({ text, look }));

const E = "\u001B";
const C1 = new RegExp(String.raw`[\u0000-\u0008\u000A-\u001F\u007F-\u009F]`);

describe("pieces", () => {
  it("leaves plain text alone", () => {
    expect(pieces("hello\tworld")).toEqual([{ text: "hello\tworld", look: {} }]);
    expect(pieces("")).toEqual([]);
  });
  it("reads the sixteen colours, bold and resets", () => {
    expect(pieces(`${E}[1;31mred${E}[22m thin${E}[0m none ${E}[92;44mbright`)).toEqual([
      { text: "red", look: { bold: true, color: 1 } },
      { text: " thin", look: { color: 1 } },
      { text: " none ", look: {} },
      { text: "bright", look: { color: 10, background: 4 } },
    ]);
  });
  it("reads 256 colours and true colours in both notations", () => {
    expect(pieces(`${E}[38;5;9ma${E}[38;5;196mb${E}[48;5;244mc`).map((piece) => piece.look)).toEqual([
      { color: 9 },
      { color: "#ff0000" },
      { color: "#ff0000", background: "#808080" },
    ]);
    expect(pieces(`${E}[38;2;1;2;300mx`)[0]?.look).toEqual({ color: "#0102ff" });
    expect(pieces(`${E}[38:2::10:20:30mx`)[0]?.look).toEqual({ color: "#0a141e" });
    expect(pieces(`${E}[38;2;1;2;3;1mx`)[0]?.look).toEqual({ color: "#010203", bold: true });
  });
  it("treats an empty SGR as a reset", () => {
    expect(pieces(`${E}[31ma${E}[mb`)[1]).toEqual({ text: "b", look: {} });
  });
  it("removes hyperlinks, titles, cursor moves, private modes and unfinished sequences", () => {
    expect(plain(`${E}]8;;https://evil.example${E}\\click${E}]8;;${E}\\ here`)).toBe("click here");
    expect(plain(`${E}]0;title\u0007text`)).toBe("text");
    expect(plain(`a${E}[2Jb${E}[10;10Hc${E}[?25ld${E}(Be`)).toBe("abcde");
    expect(plain(`a${E}[`)).toBe("a");
    expect(plain(`a${E}]52;c;cm0gLXJm`)).toBe("a");
    expect(plain(`a${E}P1;2qpayload${E}\\b`)).toBe("ab");
    expect(plain("a\u009B31mb")).toBe("ab");
  });
  it("shows what a progress bar left", () => {
    expect(plain("10%\r50%\r100%\r")).toBe("100%");
  });
  it("shows direction characters", () => {
    expect(plain("a\u202Eb\u2066c")).toBe("a\uFFFDb\uFFFDc");
  });
  it("never lets a control character through", () => {
    const hostile = fc.array(
      fc.constantFrom(E, "[", "]", "m", ";", "31", "?", "\u0007", "\\", "\r", "x", "\u009B", "\u0000", "P", ":"),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const line = parts.join("");
        const text = pieces(line)
          .map((piece) => piece.text)
          .join("");
        expect(text).not.toMatch(C1);
        expect(text).toBe(plain(line));
      }),
    );
  });
  it("takes linear time on a long line of unfinished sequences", () => {
    const line = `${E}[`.repeat(320_000) + `${E}]`.repeat(10_000);
    const started = process.cpuUsage();
    plain(line);
    pieces(line);
    // A tenth of a second; looking back from every one of them takes minutes.
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
  });
});
