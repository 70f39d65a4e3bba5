import { describe, expect, it } from "vitest";
import { readInputs } from "./inputs.ts";

describe("readInputs", () => {
  it("reads a pair a line and keeps what follows the first equals sign", () => {
    expect(readInputs("level=debug\r\nquery= a=b \n\nlonely\n=none")).toEqual({ level: "debug", query: "a=b" });
  });
});
