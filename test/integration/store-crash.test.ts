import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBlobs, openLogs, openStore } from "../../src/store/index.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-crash-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** Writes runs, log lines and blobs as fast as it can, and says what was acknowledged. */
const writer = `
import { openBlobs, openLogs, openStore } from ${JSON.stringify(new URL("../../src/store/index.ts", import.meta.url).href)};
const dir = process.argv[1];
const store = await openStore({ database: "sqlite:" + dir + "/sluice.db", now: Date.now });
const logs = openLogs(dir + "/logs", { compressFrom: 0 });
const blobs = openBlobs(dir + "/blobs");
const say = (what) => process.stdout.write(JSON.stringify(what) + "\\n");
const event = { kind: "push", repository: { name: "r", defaultBranch: "main", cloneUrl: "" }, ref: "refs/heads/main", sha: "a".repeat(40), sender: { login: "me" }, payload: {} };
const repository = await store.repositories.add({ forge: "git", remoteId: "1", name: "r", defaultBranch: "main", createdAt: 1 });
const { id: eventId } = await store.events.accept({ repositoryId: repository.id, event, receivedAt: 1 }, "k");
const empty = { jobs: [], steps: [], annotations: [], summaries: [], run: {}, state: "0" };
const run = await store.runs.create({ eventId, repositoryId: repository.id, event, title: "t", plans: [], diagnostics: [], createdAt: 1, number: 1, change: empty });
say({ run: run.id });
async function state() {
  for (let version = 1; ; version += 1) {
    await store.runs.apply({ ...empty, runId: run.id, expect: version, state: String(version + 1), parts: [{ key: "k", place: 0, value: String(version + 1) }] }, { messages: [{ topic: "t", body: String(version) }] });
    say({ version: version + 1 });
  }
}
async function log() {
  for (let step = 0; ; step += 1) {
    let length = 0;
    for (let line = 0; line < 200; line += 1) {
      ({ length } = await logs.append("JOB", step, length, Buffer.from("line " + line + " " + "x".repeat(line * 10) + "\\n"), Date.now()));
      say({ step, length, lines: line + 1 });
    }
    await logs.close("JOB", step);
    say({ step, closed: true, length });
  }
}
async function blob() {
  for (let number = 0; ; number += 1) {
    await blobs.put("b" + number, (async function* () { for (let part = 0; part < 20; part += 1) yield Buffer.alloc(10_000, number); })());
    say({ blob: number });
  }
}
await Promise.all([state(), log(), blob()]);
`;

interface Said {
  run?: string;
  version?: number;
  step?: number;
  length?: number;
  lines?: number;
  closed?: boolean;
  blob?: number;
}

describe("what the store acknowledged", () => {
  it.each([20, 150, 600])("is there after a kill -9 (%i changes into the work)", async (changes) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", writer, dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said: Said[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const each: Said = JSON.parse(line);
      said.push(each);
      if ((each.version ?? 0) > changes) child.kill("SIGKILL");
    });
    await once(lines, "close");

    const runId = said[0]?.run ?? "";
    const versions = said.flatMap((each) => each.version ?? []);
    expect(versions.length).toBeGreaterThanOrEqual(changes);
    const store = await openStore({ database: `sqlite:${dir}/sluice.db`, now: Date.now });
    const state = await store.runs.state(runId);
    expect(state?.version).toBeGreaterThanOrEqual(Math.max(...versions));
    expect(state?.state).toBe(String(state?.version));
    expect(state?.parts).toEqual([String(state?.version)]);
    expect(await store.messages.count()).toBe((state?.version ?? 0) - 1);
    await store.close();

    const logs = openLogs(join(dir, "logs"));
    const steps = Map.groupBy(
      said.filter((each) => each.step !== undefined),
      (each) => each.step ?? 0,
    );
    for (const [step, entries] of steps) {
      const acknowledged = Math.max(...entries.map((each) => each.length ?? 0));
      const size = await logs.size("JOB", step);
      expect(size.bytes).toBeGreaterThanOrEqual(acknowledged);
      expect(size.closed || !entries.some((each) => each.closed === true)).toBe(true);
      const page = await logs.read("JOB", step, 1, 1_000);
      expect(page.lines).toEqual(
        Array.from({ length: page.total }, (_, line) => `line ${line} ${"x".repeat(line * 10)}`),
      );
      expect(page.total).toBeGreaterThanOrEqual(Math.max(...entries.map((each) => each.lines ?? 0)));
    }
    await logs.end();

    const blobs = openBlobs(join(dir, "blobs"));
    for (const number of said.flatMap((each) => each.blob ?? []))
      expect((await blobs.get(`b${number}`)).bytes).toBe(200_000);
  });
});
