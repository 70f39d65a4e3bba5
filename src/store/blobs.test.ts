import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBlobs } from "./blobs.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-blobs-"));
});
afterEach(() => rm(dir, { recursive: true }));

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new Error("connection lost");
}

const files = () => readdir(dir, { recursive: true });

describe("blobs", () => {
  it("gives back what was put, replaces it, and forgets it", async () => {
    const blobs = openBlobs(dir);
    expect(await blobs.put("artifacts/A1", chunks("one", "", "two"))).toEqual({ bytes: 6 });
    const got = await openBlobs(dir).get("artifacts/A1");
    expect(got.bytes).toBe(6);
    expect(await textOf(got.content)).toBe("onetwo");
    await blobs.put("artifacts/A1", chunks("new"));
    expect(await textOf((await blobs.get("artifacts/A1")).content)).toBe("new");
    await blobs.remove("artifacts/A1");
    await blobs.remove("artifacts/A1");
    await expect(blobs.get("artifacts/A1")).rejects.toMatchObject({ code: "storage-broken" });
  });

  it("leaves nothing behind, and the old content in place, when the content fails or is too large", async () => {
    const blobs = openBlobs(dir);
    await blobs.put("k", chunks("old"));
    await expect(blobs.put("k", broken())).rejects.toThrow("connection lost");
    await expect(blobs.put("k", chunks("12345", "6"), 5)).rejects.toMatchObject({ code: "payload-too-large" });
    expect(await blobs.put("k5", chunks("12345"), 5)).toEqual({ bytes: 5 });
    expect(await textOf((await blobs.get("k")).content)).toBe("old");
    expect(await files()).toEqual(["k", "k5"]);
  });

  it("removes what a killed process was writing", async () => {
    await openBlobs(dir).put("a/b", chunks("x"));
    await writeFile(join(dir, "a", "b.0123456789ab.tmp"), "half");
    openBlobs(dir);
    expect(await files()).toEqual(["a", "a/b"]);
  });

  it.each([
    "",
    "..",
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "a/",
    ".hidden",
    "a/.b",
    "a\\b",
    "a\0b",
    "a b",
    "x.tmp",
    "k".repeat(201),
    "ü",
  ])("refuses the key %j", async (key) => {
    const blobs = openBlobs(dir);
    await expect(blobs.put(key, chunks("x"))).rejects.toMatchObject({ code: "call-invalid" });
    await expect(blobs.get(key)).rejects.toMatchObject({ code: "call-invalid" });
    await expect(blobs.remove(key)).rejects.toMatchObject({ code: "call-invalid" });
    expect(await files()).toEqual([]);
  });
});
