import { describe, expect, it } from "vitest";
import { parsePairs } from "./pairs.ts";

describe("parsePairs", () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    [
      "A=1\nB=two=2\n\nC=\n",
      [
        ["A", "1"],
        ["B", "two=2"],
        ["C", ""],
      ],
    ],
    [
      "A<<EOF\nx\n\ny=1\nEOF\nB=2",
      [
        ["A", "x\n\ny=1"],
        ["B", "2"],
      ],
    ],
    ["A<<EOF\nEOF\n", [["A", ""]]],
    ["A=x<<y\n", [["A", "x<<y"]]],
    ["A<<E=F\nv\nE=F\n", [["A", "v"]]],
    ["A<<EOF\n EOF\nEOF\n", [["A", " EOF"]]],
    ["", []],
  ])("reads %j", (written, expected) => {
    expect(parsePairs(written, "GITHUB_ENV")).toEqual(expected);
  });

  it.each(["just text", "=value", "A<<\nx\n", "A<<EOF\nnever closed\n", "A<<EOF\nEOF \n", "\0=x", "<<EOF\nx\nEOF"])(
    "refuses %j and says what is wrong",
    (written) => {
      expect(() => parsePairs(written, "GITHUB_ENV")).toThrow(/GITHUB_ENV/);
    },
  );
});
