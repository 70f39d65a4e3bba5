import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openBlobs, openLogs, openStore } from "../../src/store/index.ts";
import { leaveOut } from "../support/missing.ts";

const dir = mkdtempSync(join(tmpdir(), "sluice-full-"));
const system = (program: string, ...words: string[]) => spawnSync(program, words).status === 0;
const mounted = system("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir);
if (!mounted) leaveOut("a full disk under the store", "this user cannot mount a small file system");
afterAll(() => {
  if (mounted) system("umount", "-l", dir);
  rmSync(dir, { recursive: true });
});

const ballast = join(dir, "ballast");

/** Uses up what is left of the disk. */
function fill(): void {
  for (let size = 4 << 20; size >= 1; size >>= 1) {
    const path = `${ballast}.${size}`;
    try {
      for (let count = 0; ; count += 1) writeFileSync(`${path}.${count}`, Buffer.alloc(size));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

function free(): void {
  for (const name of readdirSync(dir)) if (name.startsWith("ballast")) rmSync(join(dir, name));
}

async function* zeros(count: number): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < count; part += 1) yield Buffer.alloc(65_536);
}

describe.skipIf(!mounted)("a full disk", () => {
  it("refuses a log write clearly, keeps what was acknowledged, and takes the rest when there is space", async () => {
    const logs = openLogs(join(dir, "logs"));
    const line = Buffer.from(`${"x".repeat(9_999)}\n`);
    const { length } = await logs.append("JOB", 0, 0, line, 1);
    fill();
    const much = Buffer.concat(Array.from({ length: 100 }, () => line));
    await expect(logs.append("JOB", 0, length, much, 2)).rejects.toMatchObject({
      code: "storage-full",
      message: expect.stringContaining(dir),
    });
    await expect(logs.append("JOB", 1, 0, line, 2)).rejects.toMatchObject({ code: "storage-full" });
    expect(await logs.size("JOB", 0)).toEqual({ lines: 1, bytes: length, closed: false });
    free();
    expect(await logs.append("JOB", 0, length, much, 3)).toEqual({ length: length + much.length, lines: 101 });
    expect((await logs.read("JOB", 0, -1, 1)).lines).toEqual(["x".repeat(9_999)]);
    await logs.close("JOB", 0);
    await logs.end();
    await logs.remove("JOB");
  });

  it("leaves a closed log as it is when it cannot be compressed", async () => {
    const failures: unknown[] = [];
    const logs = openLogs(join(dir, "logs"), { compressFrom: 0, onCompressFailure: (error) => failures.push(error) });
    await logs.append("JOB2", 0, 0, Buffer.from("a line\n".repeat(50_000)), 1);
    fill();
    await logs.close("JOB2", 0);
    await logs.settle();
    expect(failures).toMatchObject([{ code: "storage-full" }]);
    expect(await logs.size("JOB2", 0)).toEqual({ lines: 50_000, bytes: 350_000, closed: true });
    free();
    await logs.close("JOB2", 0);
    await logs.settle();
    expect(readdirSync(join(dir, "logs", "JOB2", "JOB2")).toSorted()).toEqual(["0.idx", "0.zst"]);
    await logs.end();
    await logs.remove("JOB2");
  });

  it("refuses a blob clearly and leaves nothing of it behind", async () => {
    const blobs = openBlobs(join(dir, "blobs"));
    await blobs.put("small", zeros(1));
    await expect(blobs.put("large", zeros(100))).rejects.toMatchObject({ code: "storage-full" });
    expect(readdirSync(join(dir, "blobs"))).toEqual(["small"]);
    expect((await blobs.get("small")).bytes).toBe(65_536);
    await blobs.remove("small");
  });

  it("refuses a change of the database clearly and whole, keeps it readable, and goes on when there is space", async () => {
    const store = await openStore({ database: `sqlite:${join(dir, "sluice.db")}`, now: Date.now });
    const add = (name: string) =>
      store.repositories.add({ forge: "git", remoteId: name, name, defaultBranch: "x".repeat(20_000), createdAt: 1 });
    await add("before");
    fill();
    await expect(add("during")).rejects.toMatchObject({
      code: "storage-full",
      message: expect.stringContaining("sluice.db"),
    });
    const removal = store.repositories.remove("nobody");
    await removal.catch(() => {
      // Whether a change that needs no space succeeds is SQLite's affair; what counts is what follows.
    });
    expect((await store.repositories.list()).map((row) => row.name)).toEqual(["before"]);
    free();
    await add("after");
    expect((await store.repositories.list()).map((row) => row.name)).toEqual(["after", "before"]);
    await store.close();
  });
});
