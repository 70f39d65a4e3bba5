import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GroupSync, LogFile } from "./group-sync.ts";

/** A sync that ends when it is told to. */
function disk() {
  const syncs: PromiseWithResolvers<void>[] = [];
  const group = new GroupSync(() => {
    const sync = Promise.withResolvers<void>();
    syncs.push(sync);
    return sync.promise;
  });
  return { syncs, group };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("commits synced to the disk", () => {
  it("share one sync when they come together, and the next when one is under way", async () => {
    const { syncs, group } = disk();
    const reached: string[] = [];
    const commit = (name: string): Promise<unknown> => group.reached().then(() => reached.push(name));
    const all = [commit("a"), commit("b")];
    await turn();
    all.push(commit("c"), commit("d"));
    await turn();
    expect(syncs).toHaveLength(1);
    syncs[0]?.resolve();
    await turn();
    expect([reached, syncs.length]).toEqual([["a", "b"], 2]);
    all.push(commit("e"));
    await turn();
    syncs[1]?.resolve();
    await turn();
    expect([reached, syncs.length]).toEqual([["a", "b", "c", "d"], 3]);
    syncs[2]?.resolve();
    await Promise.all(all);
    expect(reached).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("never count as stored again after a sync that failed", async () => {
    const { syncs, group } = disk();
    const first = group.reached();
    await turn();
    const second = group.reached();
    syncs[0]?.reject(new Error("no such disk"));
    await expect(first).rejects.toThrow("no such disk");
    await expect(second).rejects.toThrow("no such disk");
    await expect(group.reached()).rejects.toThrow("no such disk");
    expect(syncs).toHaveLength(1);
  });

  it("fail with the file and a cure when its log is gone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-sync-"));
    try {
      await expect(new LogFile(join(folder, "x.db")).sync()).rejects.toMatchObject({
        code: "storage-broken",
        message: expect.stringContaining("x.db-wal"),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
