import { describe, expect, it } from "vitest";
import type { Event } from "../model/index.ts";
import { isConcerned } from "./concern.ts";

const event: Event = {
  kind: "manual",
  repository: { name: "shop", defaultBranch: "main", cloneUrl: "" },
  ref: "refs/heads/main",
  sha: "a".repeat(40),
  sender: { login: "ann" },
  payload: {},
};
const broken = { path: ".github/workflows/ci.yml", text: "on: {schedule: [{cron: '0 3 * * *'}" };

describe("isConcerned", () => {
  it("is true for every file, unless the event names one", () => {
    expect(isConcerned(broken, event)).toBe(true);
    expect(isConcerned(broken, { ...event, workflow: "ci.yml" })).toBe(true);
    expect(isConcerned(broken, { ...event, workflow: broken.path })).toBe(true);
    expect(isConcerned(broken, { ...event, workflow: "i.yml" })).toBe(false);
  });

  it("is true for a schedule only if the file has its line", () => {
    expect(isConcerned(broken, { ...event, kind: "schedule", schedule: "0 3 * * *" })).toBe(true);
    expect(isConcerned(broken, { ...event, kind: "schedule", schedule: "0 4 * * *" })).toBe(false);
    expect(isConcerned(broken, { ...event, kind: "schedule" })).toBe(false);
  });
});
