import { describe, expect, it } from "vitest";
import { readable } from "./readable.ts";

describe("readable", () => {
  it("shows direction characters at any depth", () => {
    expect(readable({ runs: [{ title: "\u202Egpj.exe", number: 3, ok: true, none: null }] })).toEqual({
      runs: [{ title: "\uFFFDgpj.exe", number: 3, ok: true, none: null }],
    });
    expect(readable("\u2066a\u2069")).toBe("\uFFFDa\uFFFD");
  });
  it("leaves every other text as it is, right-to-left languages and emoji too", () => {
    for (const text of ["שלום עולם", "مرحبا", "👩‍💻", "a\u200Fb", "<b>&amp;"]) expect(readable(text)).toBe(text);
  });
});
