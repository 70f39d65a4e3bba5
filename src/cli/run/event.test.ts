import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { JsonObject } from "../../model/index.ts";
import { localEvent } from "./event.ts";
import type { WorkingTree } from "./tree.ts";

const tree: WorkingTree = {
  dir: "/tree",
  git: true,
  repository: "local/tree",
  ref: "refs/heads/main",
  sha: "a".repeat(40),
  message: "A change",
  author: { login: "dev", name: "Dev", email: "dev@example.com" },
  timestamp: "2026-01-01T00:00:00Z",
};

function payloadFile(payload: JsonObject): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-event-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const file = join(folder, "event.json");
  writeFileSync(file, JSON.stringify(payload));
  return file;
}

describe("the event of a local run", () => {
  it("has the inputs of the payload file; those of the command line win", async () => {
    const eventFile = payloadFile({ inputs: { level: "info", dry: true, n: 3, none: null } });
    const event = await localEvent(tree, { event: "workflow_dispatch", eventFile, input: { level: "debug" } });
    expect(event.inputs).toEqual({ level: "debug", dry: "true", n: "3" });
    expect(event.payload).toMatchObject({ inputs: { level: "debug", dry: "true", n: "3" } });
  });

  it("reads from the payload file what filters use: changed paths, message, labels, the schedule, the release's tag", async () => {
    const commits = [{ added: ["b"], modified: ["a"], removed: [] }, { modified: ["a", 7], removed: ["c"] }, "odd"];
    expect(
      await localEvent(tree, {
        event: "push",
        eventFile: payloadFile({ commits, head_commit: { message: "[skip ci]" } }),
      }),
    ).toMatchObject({ changedFiles: ["b", "a", "c"], commit: { message: "[skip ci]" } });
    expect(
      await localEvent(tree, { event: "push", eventFile: payloadFile({ commits: [{ added: [] }] }) }),
    ).toMatchObject({ changedFiles: [] });
    expect(
      await localEvent(tree, { event: "push", eventFile: payloadFile({ commits: [{ id: "x" }] }) }),
    ).not.toHaveProperty("changedFiles");
    expect(
      (
        await localEvent(tree, {
          event: "pull_request",
          eventFile: payloadFile({ pull_request: { draft: true, labels: [{ name: "deploy" }, "x", 3] } }),
        })
      ).pullRequest,
    ).toMatchObject({ draft: true, labels: ["deploy", "x"] });
    expect(await localEvent(tree, { event: "cron", eventFile: payloadFile({ schedule: "nightly" }) })).toMatchObject({
      schedule: "nightly",
    });
    expect(
      await localEvent(tree, { event: "release", eventFile: payloadFile({ release: { tag_name: "v2" } }) }),
    ).toMatchObject({ ref: "refs/tags/v2" });
  });

  it("says who pushed as a forge does", async () => {
    expect((await localEvent(tree, { event: "push" })).payload["pusher"]).toEqual({
      name: "Dev",
      email: "dev@example.com",
    });
  });

  it("leaves the payload of another event as it is", async () => {
    const inputs = { a: 1 };
    const event = await localEvent(tree, { event: "push", eventFile: payloadFile({ inputs }) });
    expect(event.payload).toMatchObject({ inputs });
  });

  it("takes the changed files from the payload's commits, and does not guess without them", async () => {
    const commits = [
      { id: "1", added: ["a", "b"], modified: [] },
      { id: "2", removed: ["b", "c"], modified: "no list" },
      null,
      "no commit",
    ];
    expect((await localEvent(tree, { event: "push", eventFile: payloadFile({ commits }) })).changedFiles).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(
      (await localEvent(tree, { event: "push", eventFile: payloadFile({ commits: [{ id: "1" }] }) })).changedFiles,
    ).toBeUndefined();
    expect((await localEvent(tree, { event: "push" })).changedFiles).toBeUndefined();
  });
});
