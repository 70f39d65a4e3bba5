import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockData } from "./lock.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-lock-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** Another server: locks the folder without keeping the lock in hand, says so, and stays. */
async function otherProcess() {
  const program = `
    import { lockData } from ${JSON.stringify(new URL("lock.ts", import.meta.url).href)};
    try { lockData(${JSON.stringify(dir)}); globalThis.gc(); console.log("locked"); setInterval(() => {}, 1_000); }
    catch (error) { console.log(error.code); }`;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(child.stdout, "data");
  return { child, said: String(said).trim() };
}

describe("the lock of a data folder", () => {
  it("is held once in a process, and free again after its release", () => {
    const lock = lockData(dir);
    expect(() => lockData(dir)).toThrow(expect.objectContaining({ code: "data-locked" }));
    lock.release();
    lock.release();
    lockData(dir).release();
  });

  it("keeps another process off, and ends with its process however that dies", async () => {
    const lock = lockData(dir);
    const refused = await otherProcess();
    expect(refused.said).toBe("data-locked");
    lock.release();

    const { child, said } = await otherProcess();
    expect(said).toBe("locked");
    expect(() => lockData(dir)).toThrow(/Another server is using the data folder/);
    child.kill("SIGKILL");
    await once(child, "exit");
    lockData(dir).release();
  });

  it("makes the folder, and says what is wrong when it cannot", () => {
    lockData(join(dir, "a", "b")).release();
    expect(() => lockData("/dev/null/data")).toThrow(/ENOTDIR|EEXIST/);
  });
});
