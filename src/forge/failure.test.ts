import { describe, expect, it } from "vitest";
import { SluiceError } from "../model/index.ts";
import { forgeError, mayPass } from "./failure.ts";

describe("errors of forges", () => {
  it("are retried only when they can pass by themselves", () => {
    expect(mayPass(forgeError("limited", "Too many requests."))).toBe(true);
    expect(mayPass(forgeError("unavailable", "No answer."))).toBe(true);
    expect(mayPass(forgeError("missing", "No such commit."))).toBe(false);
    expect(mayPass(forgeError("authentication", "The token is wrong."))).toBe(false);
    expect(mayPass(new SluiceError("internal", "A defect."))).toBe(false);
    expect(mayPass("forge-limited")).toBe(false);
  });

  it("say when the forge wants to be asked again", () => {
    expect(forgeError("limited", "Too many requests.", { retryAfter: 30_000 })).toMatchObject({
      code: "forge-limited",
      retryAfter: 30_000,
    });
    expect(forgeError("limited", "Too many requests.")).not.toHaveProperty("retryAfter", 0);
  });
});
