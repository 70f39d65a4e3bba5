import { describe, expect, it } from "vitest";
import { readFilter } from "./filter.ts";

describe("readFilter", () => {
  it("reads what it knows", () => {
    expect(readFilter({ repository: "shop", status: "failure", text: "fix", sort: "-took" })).toEqual({
      repository: "shop",
      status: "failure",
      text: "fix",
      sort: "-took",
    });
  });
  it("takes a number for text, as the router reads `?text=42`", () => {
    expect(readFilter({ text: 42 })).toEqual({ text: "42" });
  });
  it("leaves out what it does not know", () => {
    expect(readFilter({ status: "exploded", repository: ["a"], text: "", page: 3, sort: "price" })).toEqual({});
  });
});
