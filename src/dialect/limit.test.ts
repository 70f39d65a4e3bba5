import { describe, expect, it } from "vitest";
import type { Event } from "../model/index.ts";
import { compileAll } from "./index.ts";

const event: Event = {
  kind: "push",
  repository: { name: "octo/hello", defaultBranch: "main", cloneUrl: "http://127.0.0.1/octo/hello.git" },
  ref: `refs/heads/${"a".repeat(200)}`,
  sha: "0123456789012345678901234567890123456789",
  sender: { login: "ann" },
  payload: {},
  changedFiles: Array.from({ length: 10_000 }, (_, index) => `${"a/".repeat(20)}${"a".repeat(60)}/${index}.ts`),
  commit: { message: "a".repeat(500_000), author: { login: "ann", name: "Ann" }, timestamp: "2026-01-01T00:00:00Z" },
};

function codes(path: string, text: string): readonly string[] {
  const [compilation] = compileAll([{ path, text }], {
    event,
    run: { id: "1", number: 1, attempt: 1 },
    vars: {},
    serverUrl: "http://127.0.0.1",
  });
  return compilation?.plan === undefined ? (compilation?.diagnostics.map((each) => each.code) ?? []) : ["a plan"];
}

const globs = Array.from({ length: 5000 }, (_, index) => `'**/*a*a*a*a*b${index}*'`).join(", ");
const longGlobs = Array.from({ length: 4000 }, (_, index) => `'${"*a".repeat(100)}b${index}*'`).join(", ");

describe("filters and conditions that need too much work", () => {
  it.each([
    [
      "Actions paths",
      ".github/workflows/a.yml",
      `on: {push: {paths: [${globs}]}}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n`,
    ],
    [
      "Actions branches",
      ".github/workflows/a.yml",
      `on: {push: {branches: [${longGlobs}]}}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n`,
    ],
    ["Woodpecker paths", ".woodpecker/a.yml", `when: {path: [${globs}]}\nsteps: [{name: a, image: a, commands: a}]\n`],
    [
      "Woodpecker patterns",
      ".woodpecker/a.yml",
      `steps: [${Array.from({ length: 500 }, (_, index) => `{name: s${index}, image: a, commands: a, when: {evaluate: 'CI_COMMIT_MESSAGE matches "(a|b|c)*d"'}}`).join(", ")}]\n`,
    ],
    [
      "Woodpecker searches",
      ".woodpecker/a.yml",
      `steps: [${Array.from({ length: 500 }, (_, index) => `{name: s${index}, image: a, commands: a, when: {evaluate: 'CI_COMMIT_MESSAGE contains "aab"'}}`).join(", ")}]\n`,
    ],
    [
      "native paths",
      ".sluice/a.yml",
      `triggers: [{type: push, paths: [${globs}]}]\nsteps: [{type: run_command, name: a, command: a}]\n`,
    ],
  ])("%s are an error with a place, and take at most seconds", (_, path, text) => {
    const started = process.cpuUsage();
    expect(codes(path, text)).toEqual(["workflow-limit"]);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(30);
  });
});
