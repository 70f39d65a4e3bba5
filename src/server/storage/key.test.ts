import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CloneTokens } from "../repositories/index.ts";
import { serverSecret, signingKey } from "./key.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-key-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe("the server's secret", () => {
  it("is created once, for its owner only, and never changes", async () => {
    const first = await serverSecret(folder);
    expect(first).toHaveLength(32);
    expect(await serverSecret(folder)).toEqual(first);
    expect((await stat(join(folder, "server.key"))).mode & 0o777).toBe(0o600);
  });

  it("is rejected if damaged, instead of being replaced", async () => {
    await writeFile(join(folder, "server.key"), Buffer.alloc(31));
    await expect(serverSecret(folder)).rejects.toMatchObject({ code: "storage-broken" });
  });

  it("signs for one purpose only", () => {
    const secret = Buffer.alloc(32, 7);
    const session = signingKey(secret, "session");
    expect(session.verify("x", session.sign("x"))).toBe(true);
    expect(session.verify("y", session.sign("x"))).toBe(false);
    expect(session.verify("x", signingKey(secret, "clone").sign("x"))).toBe(false);
    expect(session.verify("x", "")).toBe(false);
  });
});

describe("a job's password for its repository", () => {
  it("is good for that repository, until its time is over", () => {
    let now = 1_000_000;
    const tokens = new CloneTokens(signingKey(Buffer.alloc(32, 7), "clone"), () => now);
    const token = tokens.create("01A", 60_000);
    expect(tokens.allows(token, "01A")).toBe(true);
    expect(tokens.allows(token, "01B")).toBe(false);
    expect(tokens.allows(token.replace("01A", "01B"), "01B")).toBe(false);
    expect(tokens.allows(token.replace(/\.(\d+)\./, ".9999999999."), "01A")).toBe(false);
    for (const junk of ["", "sluicejob_", "sluicejob_01A", "sluicejob_01A.9999999999.", "..", "01A.1e99.x"])
      expect(tokens.allows(junk, "01A")).toBe(false);
    now += 61_000;
    expect(tokens.allows(token, "01A")).toBe(false);
  });
});
