import { describe, expect, it } from "vitest";
import type { Event } from "../../model/index.ts";
import { actions } from "./index.ts";

const base: Event = {
  kind: "push",
  repository: { name: "octo/hello", defaultBranch: "main", cloneUrl: "http://127.0.0.1/octo/hello.git" },
  ref: "refs/heads/main",
  sha: "0123456789012345678901234567890123456789",
  sender: { login: "ann" },
  payload: {},
};
const pull = {
  number: 7,
  title: "T",
  head: { ref: "topic", sha: base.sha, repository: "octo/hello" },
  base: { ref: "main", sha: base.sha },
  fork: false,
};
const tag: Partial<Event> = { ref: "refs/tags/v1.2" };
const onPull: Partial<Event> = { kind: "pull_request", action: "opened", ref: "refs/pull/7/head", pullRequest: pull };

function whySkipped(on: string, event: Partial<Event>): string | undefined {
  const { plan, skipped, diagnostics } = actions.compile(
    { path: ".github/workflows/ci.yml", text: `on: ${on}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n` },
    { event: { ...base, ...event }, run: { id: "1", number: 1, attempt: 1 }, vars: {}, serverUrl: "http://127.0.0.1" },
  );
  expect(diagnostics.filter((each) => each.severity === "error")).toEqual([]);
  expect(plan === undefined).toBe(skipped !== undefined);
  return skipped;
}

describe("events that start a workflow", () => {
  it.each<[string, Partial<Event>]>([
    ["push", {}],
    ["[pull_request, push]", {}],
    ["{push: }", {}],
    ["{push: {branches: [main]}}", {}],
    ["{push: {branches: main}}", {}],
    ["{push: {branches: ['**', '!x']}}", {}],
    ["{push: {branches-ignore: [other]}}", {}],
    ["{push: {tags: ['v*']}}", tag],
    ["{push: {tags: ['v*'], branches: [main]}}", {}],
    ["{push: {tags-ignore: ['w*']}}", tag],
    ["{push: {tags: ['v*'], paths: [src/**]}}", { ...tag, changedFiles: ["docs/a"] }],
    ["{push: {paths: ['src/**', '!src/x']}}", { changedFiles: ["src/x", "src/y"] }],
    ["{push: {paths: [src/**]}}", {}],
    ["{push: {paths-ignore: [docs/**]}}", { changedFiles: ["docs/a", "b"] }],
    ["pull_request", onPull],
    ["pull_request", { ...onPull, action: "synchronize" }],
    ["pull_request", { ...onPull, action: undefined }],
    ["{pull_request: {types: [labeled], branches: ['ma*']}}", { ...onPull, action: "labeled" }],
    ["release", { kind: "release", action: "published" }],
    ["{release: {types: [published]}}", { kind: "release", action: "published" }],
    ["issues", { kind: "issue", action: "opened" }],
    ["issue_comment", { kind: "comment", action: "created" }],
    ["workflow_dispatch", { kind: "manual" }],
    ["{workflow_dispatch: , push: }", { kind: "manual", workflow: "ci.yml" }],
    ["deployment", { kind: "deployment" }],
  ])("on: %s", (on, event) => {
    expect(whySkipped(on, event)).toBeUndefined();
  });
});

describe("events that do not start a workflow, and why", () => {
  it.each<[string, Partial<Event>, string]>([
    ["pull_request", {}, "it starts on pull_request, not on push"],
    ["{push: {branches: [other, 'x/*']}}", {}, "the branch main does not match `branches` (other, x/*)"],
    ["{push: {branches: ['**', '!ma*']}}", {}, "the branch main does not match `branches` (**, !ma*)"],
    ["{push: {branches-ignore: ['m*']}}", {}, "the branch main matches `branches-ignore` (m*)"],
    ["{push: {branches: [main]}}", tag, "it starts on branches only, and v1.2 is a tag"],
    ["{push: {tags-ignore: [x]}}", {}, "it starts on tags only, and main is a branch"],
    ["{push: {tags: ['w*']}}", tag, "the tag v1.2 does not match `tags` (w*)"],
    [
      "{push: {branches: [main], paths: [src/**]}}",
      { changedFiles: ["docs/a"] },
      "no changed file matches `paths` (src/**)",
    ],
    [
      "{push: {paths-ignore: ['**.md']}}",
      { changedFiles: ["a.md", "b/c.md"] },
      "all changed files match `paths-ignore` (**.md)",
    ],
    [
      "pull_request",
      { ...onPull, action: "closed" },
      "it starts on pull_request with opened, synchronize, reopened, not with closed",
    ],
    ["{pull_request: {branches: [release]}}", onPull, "the base branch main does not match `branches` (release)"],
    [
      "{release: {types: [published]}}",
      { kind: "release", action: "created" },
      "it starts on release with published, not with created",
    ],
    [
      "push",
      { commit: { message: "Docs [skip ci]", author: { login: "a" }, timestamp: "" } },
      "the commit message contains [skip ci]",
    ],
    [
      "push",
      { commit: { message: "Docs\n\nskip-checks: true\n", author: { login: "a" }, timestamp: "" } },
      "the commit message contains skip-checks: true",
    ],
    ["workflow_dispatch", { kind: "manual", workflow: "other.yml" }, "only other.yml was requested"],
  ])("on: %s", (on, event, reason) => {
    expect(whySkipped(on, event)).toBe(reason);
  });

  it("a skip marker does not stop what a person starts", () => {
    expect(
      whySkipped("workflow_dispatch", {
        kind: "manual",
        commit: { message: "[skip ci]", author: { login: "a" }, timestamp: "" },
      }),
    ).toBeUndefined();
  });
});
