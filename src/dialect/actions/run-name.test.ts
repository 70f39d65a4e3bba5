import { describe, expect, it } from "vitest";
import type { Event } from "../../model/index.ts";
import { runNameOf } from "./run-name.ts";

const push: Event = {
  kind: "push",
  repository: { name: "octo/hello", defaultBranch: "main", cloneUrl: "http://127.0.0.1/octo/hello.git" },
  ref: "refs/heads/main",
  sha: "0123456789012345678901234567890123456789",
  commit: { message: "\nFix it\n\nBecause.", author: { login: "ann" }, timestamp: "2026-01-01T00:00:00Z" },
  sender: { login: "ann" },
  payload: {},
};

const pullRequest: Event = {
  ...push,
  kind: "pull_request",
  pullRequest: {
    number: 7,
    title: "Change",
    head: { ref: "topic", sha: push.sha, repository: "fork/hello" },
    base: { ref: "main", sha: push.sha },
    fork: true,
  },
};

function named(event: Event, runName?: string): string {
  return runNameOf({ name: "CI", ...(runName === undefined ? {} : { runName }) }, event, {});
}

describe("the name of a run", () => {
  it.each([
    ["the commit's subject for a push", push, "Fix it"],
    ["the pull request's title", pullRequest, "Change"],
    ["the issue's title", { ...push, kind: "issue", payload: { issue: { title: "It breaks" } } }, "It breaks"],
    [
      "the issue's title for a comment",
      { ...push, kind: "comment", payload: { issue: { title: "It breaks" } } },
      "It breaks",
    ],
    ["the release's name", { ...push, kind: "release", payload: { release: { name: "v2" } } }, "v2"],
    [
      "the workflow's name for a release without one",
      { ...push, kind: "release", payload: { release: { name: null } } },
      "CI",
    ],
    ["the workflow's name for a schedule", { ...push, kind: "schedule" }, "CI"],
    ["the workflow's name for a start by hand", { ...push, kind: "manual" }, "CI"],
    ["the workflow's name for a push that says nothing", { ...push, commit: undefined }, "CI"],
  ] satisfies readonly (readonly [string, Event, string])[])(
    "is %s if the author's name is empty",
    (_what, event, expected) => {
      expect(named(event)).toBe(expected);
      expect(named(event, " \u0000\n\u2028 ")).toBe(expected);
      expect(named(event, "Deploy")).toBe("Deploy");
    },
  );

  it("is one line without control or direction characters", () => {
    expect(named(push, " a\u001b[31m\r\nb\t\u0007c\u2029d\u202Ee\u2066f ")).toBe("a [31m b c d e f");
    expect(named(push, "\u{1F469}\u200D\u{1F680} <b>\uD800")).toBe("\u{1F469}\u200D\u{1F680} <b>\uFFFD");
  });

  it("is cut at 200 whole characters", () => {
    const rocket = "\u{1F680}";
    expect(named(push, rocket.repeat(200))).toBe(rocket.repeat(200));
    expect(named(push, rocket.repeat(10_000))).toBe(`${rocket.repeat(199)}…`);
    expect(named(push, `${" ".repeat(10_000)}x`)).toBe("x");
    expect(named(push, `a${"\u001b".repeat(10_000)}b`)).toBe("a b");
  });
});
