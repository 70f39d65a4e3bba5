import { describe, expect, it } from "vitest";
import { readLines, readLink, writeLink } from "./link.ts";

describe("links into a log", () => {
  it.each(["step-3", "step-3:L120", "step-3:L120-L130"])("reads and writes %s", (hash) => {
    const link = readLink(`#${hash}`);
    expect(link && writeLink(link)).toBe(hash);
  });
  it("puts a range the wrong way round in order", () => {
    expect(readLink("#step-0:L9-L2")).toEqual({ step: 0, lines: [2, 9] });
  });
  it.each(["", "#", "#step-", "#step-x", "#step-1:Lx", "#step-1:L1-L2-L3", `#step-1:L${"9".repeat(40)}`])(
    "ignores %j",
    (hash) => {
      expect(readLink(hash)).toBeUndefined();
    },
  );
});

describe("lines named in the search field", () => {
  it.each([
    [":120", [120, 120]],
    [":L7-L9", [7, 9]],
    [": 9 - 7", [7, 9]],
  ])("reads %s", (text, lines) => expect(readLines(text)).toEqual(lines));
  it.each(["120", ":", ":x", "::error", ":1-"])("takes %j for a search", (text) =>
    expect(readLines(text)).toBeUndefined(),
  );
});
