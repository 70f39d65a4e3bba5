import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Lease } from "../../src/model/index.ts";
import { Bed, type ScriptedRunner } from "./control-bed.ts";

const limits = {
  steps: 10,
  annotations: 2,
  outputs: 100,
  log: 20,
  jobLogs: 50,
  artifact: 100,
  artifactsPerRun: 3,
  runArtifacts: 150,
  repositoryArtifacts: 250,
  cacheEntry: 50,
  cacheRepository: 80,
  cacheEntries: 6,
};
const one = "on: [push, pull_request]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";

let bed: Bed;
let runner: ScriptedRunner;
beforeEach(async () => {
  bed = await Bed.open({ limits });
  runner = await bed.runner();
});
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

async function* bytes(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function text(content: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of content ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function take(
  ref = "refs/heads/main",
  pull?: { readonly number: number; readonly fork: boolean },
): Promise<Lease> {
  const head = { ref: "topic", sha: "b".repeat(40), repository: pull?.fork === true ? "other/demo" : "demo" };
  const pullRequest =
    pull === undefined
      ? undefined
      : { number: pull.number, title: "Change", head, base: { ref: "main", sha: "c".repeat(40) }, fork: pull.fork };
  await bed.push(
    one,
    pullRequest === undefined ? { ref } : { ref, kind: "pull_request", action: "opened", pullRequest },
  );
  return (await runner.take()).lease;
}

async function blobs(): Promise<readonly string[]> {
  const found = await readdir(join(bed.folder, "blobs"), { recursive: true, withFileTypes: true });
  return found.filter((each) => each.isFile()).map((each) => each.name);
}

describe("artifacts", () => {
  it("keeps what a job uploads for the jobs of its run, and nobody else", async () => {
    const lease = await take();
    expect(await runner.channel.uploadArtifact(lease, "dist", bytes("ab", "c"), { overwrite: false })).toEqual({
      name: "dist",
      bytes: 3,
    });
    expect(await runner.channel.listArtifacts(lease)).toEqual([{ name: "dist", bytes: 3 }]);
    expect(await text(await runner.channel.downloadArtifact(lease, "dist"))).toBe("abc");
    const other = await take();
    expect(await runner.channel.listArtifacts(other)).toEqual([]);
    await expect(runner.channel.downloadArtifact(other, "dist")).rejects.toMatchObject({ code: "not-found" });
  });

  it("refuses a name that is there unless told to overwrite, and leaves no bytes behind", async () => {
    const lease = await take();
    await runner.channel.uploadArtifact(lease, "dist", bytes("one"), { overwrite: false });
    await expect(
      runner.channel.uploadArtifact(lease, "dist", bytes("two"), { overwrite: false }),
    ).rejects.toMatchObject({ code: "already-exists" });
    await runner.channel.uploadArtifact(lease, "dist", bytes("three"), { overwrite: true });
    expect(await text(await runner.channel.downloadArtifact(lease, "dist"))).toBe("three");
    expect(await blobs()).toHaveLength(1);
  });

  it.each(["", " ", ".", "..", "../etc/passwd", "a/b", "a\\b", "a\nb", "a:b", "nul\0", "x".repeat(300)])(
    "refuses the name %j",
    async (name) => {
      const lease = await take();
      await expect(runner.channel.uploadArtifact(lease, name, bytes("x"), { overwrite: false })).rejects.toMatchObject({
        code: "call-invalid",
      });
    },
  );

  it("refuses what is too large or too many", async () => {
    const lease = await take();
    await expect(
      runner.channel.uploadArtifact(lease, "big", bytes("x".repeat(60), "x".repeat(60)), { overwrite: false }),
    ).rejects.toMatchObject({ code: "payload-too-large" });
    for (const name of ["a", "b", "c"])
      await runner.channel.uploadArtifact(lease, name, bytes("x"), { overwrite: false });
    await expect(runner.channel.uploadArtifact(lease, "d", bytes("x"), { overwrite: false })).rejects.toMatchObject({
      code: "payload-too-large",
    });
    expect(await blobs()).toHaveLength(3);
  });

  it("refuses what is too much for the run, or for the repository, and says which", async () => {
    const lease = await take();
    await runner.channel.uploadArtifact(lease, "a", bytes("x".repeat(100)), { overwrite: false });
    const run = {
      code: "payload-too-large",
      message: expect.stringContaining("of this run would have more than 150 bytes") as unknown,
    };
    await expect(
      runner.channel.uploadArtifact(lease, "b", bytes("x".repeat(51)), { overwrite: false }),
    ).rejects.toMatchObject(run);
    // Two at once do not get past it together.
    const two = await Promise.allSettled(
      ["c", "d"].map(async (name) =>
        runner.channel.uploadArtifact(lease, name, bytes("x".repeat(30)), { overwrite: false }),
      ),
    );
    expect(two.map((each) => each.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await runner.channel.uploadArtifact(lease, "e", bytes("x".repeat(20)), { overwrite: false });
    await expect(runner.channel.uploadArtifact(lease, "f", bytes("x"), { overwrite: false })).rejects.toMatchObject({
      code: "payload-too-large",
    });
    const second = await take();
    await runner.channel.uploadArtifact(second, "a", bytes("x".repeat(90)), { overwrite: false });
    const repository = {
      code: "payload-too-large",
      message: expect.stringContaining("of this repository would have more than 250 bytes") as unknown,
    };
    await expect(
      runner.channel.uploadArtifact(second, "b", bytes("x".repeat(20)), { overwrite: false }),
    ).rejects.toMatchObject(repository);
    expect(await blobs()).toHaveLength(4);
  });

  it("drops an upload whose job was lost meanwhile", async () => {
    const lease = await take();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("x");
      await runner.report(lease, { type: "job.finished", status: "failure", outputs: {}, at: 1 });
      yield Buffer.from("y");
    }
    await expect(runner.channel.uploadArtifact(lease, "late", slow(), { overwrite: false })).rejects.toMatchObject({
      code: "lease-stale",
    });
    expect(await blobs()).toEqual([]);
  });
});

async function restore(lease: Lease, key = "k", restoreKeys: readonly string[] = []): Promise<string | undefined> {
  const hit = await runner.channel.restoreCache(lease, key, restoreKeys, "v");
  return hit === undefined ? undefined : `${hit.key} ${hit.exact} ${await text(hit.content)}`;
}

describe("caches", () => {
  it("finds its own ref's and the default branch's entries, not another branch's", async () => {
    const main = await take();
    expect(await runner.channel.saveCache(main, "k", "v", bytes("main"))).toBe(true);
    expect(await runner.channel.saveCache(main, "k", "v", bytes("again"))).toBe(false);
    const topic = await take("refs/heads/topic");
    expect(await restore(topic)).toBe("k true main");
    await runner.channel.saveCache(topic, "k", "v", bytes("topic"));
    expect(await restore(topic)).toBe("k true topic");
    expect(await restore(topic, "k-1", ["k"])).toBe("k false topic");
    expect(await restore(main)).toBe("k true main");
    expect(await restore(await take("refs/heads/third"), "none")).toBeUndefined();
  });

  it("lets a fork's pull request read the base's entries and write only its own", async () => {
    await runner.channel.saveCache(await take(), "base", "v", bytes("base"));
    const fork = await take("refs/pull/7/head", { number: 7, fork: true });
    expect(await restore(fork, "base")).toBe("base true base");
    await runner.channel.saveCache(fork, "poison", "v", bytes("poison"));
    expect(await restore(fork, "poison")).toBe("poison true poison");
    expect(await restore(await take(), "poison")).toBeUndefined();
    expect(await restore(await take("refs/pull/8/head", { number: 8, fork: false }), "poison")).toBeUndefined();
    // A fork that names its head as the base's branch gains nothing by it.
    const sly = await take("refs/heads/main", { number: 9, fork: true });
    await runner.channel.saveCache(sly, "sly", "v", bytes("sly"));
    expect(await restore(await take(), "sly")).toBeUndefined();
  });

  it("keeps the repository's share: what was not used for longest goes", async () => {
    const lease = await take();
    for (const key of ["a", "b", "c"]) await runner.channel.saveCache(lease, key, "v", bytes(key.repeat(40)));
    expect(await restore(lease, "a")).toBeUndefined();
    expect(await restore(lease, "c")).toBe(`c true ${"c".repeat(40)}`);
    expect(await blobs()).toHaveLength(2);
    await expect(runner.channel.saveCache(lease, "big", "v", bytes("x".repeat(60)))).rejects.toMatchObject({
      code: "payload-too-large",
    });
  });

  it("keeps so many entries, however small", async () => {
    const lease = await take();
    for (const key of ["a", "b", "c", "d", "e", "f", "g", "h"])
      await runner.channel.saveCache(lease, key, "v", bytes(""));
    expect(await blobs()).toHaveLength(6);
    expect(await restore(lease, "b")).toBeUndefined();
    expect(await restore(lease, "c")).toBe("c true ");
    for (const key of ["丁".repeat(342), "x".repeat(513), "a,b"])
      await expect(runner.channel.saveCache(lease, key, "v", bytes("x"))).rejects.toMatchObject({
        code: "call-invalid",
      });
  });

  it("drops an entry whose job was lost while it came", async () => {
    const lease = await take();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("x");
      await runner.report(lease, { type: "job.finished", status: "failure", outputs: {}, at: 1 });
      yield Buffer.from("y");
    }
    await expect(runner.channel.saveCache(lease, "late", "v", slow())).rejects.toMatchObject({ code: "lease-stale" });
    expect(await blobs()).toEqual([]);
    expect(await restore(await take(), "late")).toBeUndefined();
  });
});

describe("limits of what a job sends", () => {
  it("stores logs at their offsets, repeats and all, and refuses a gap", async () => {
    const lease = await take();
    expect(await runner.channel.log(lease, 0, 0, Buffer.from("one\n"))).toEqual({ length: 4 });
    expect(await runner.channel.log(lease, 0, 0, Buffer.from("one\ntwo\n"))).toEqual({ length: 8 });
    await expect(runner.channel.log(lease, 0, 9, Buffer.from("x"))).rejects.toMatchObject({ code: "log-gap" });
    await expect(runner.channel.log(lease, -1, 0, Buffer.from("x"))).rejects.toMatchObject({ code: "call-invalid" });
    await expect(runner.channel.log(lease, 10, 0, Buffer.from("x"))).rejects.toMatchObject({ code: "call-invalid" });
    expect((await bed.logs.read(lease.job, 0, 1, 10)).lines).toEqual(["one", "two"]);
  });

  it("drops a log beyond its limit with a notice, and lets the job go on", async () => {
    const lease = await take();
    expect(await runner.channel.log(lease, 0, 0, Buffer.from("x".repeat(19)))).toEqual({ length: 19 });
    for (let repeat = 0; repeat < 2; repeat += 1)
      expect(await runner.channel.log(lease, 0, 19, Buffer.from("y".repeat(50)))).toEqual({ length: 69 });
    expect(await runner.channel.log(lease, 0, 69, Buffer.from("z"))).toEqual({ length: 70 });
    const { lines } = await bed.logs.read(lease.job, 0, 1, 10);
    expect(lines).toEqual([
      `${"x".repeat(19)}y`,
      "::warning::The log has reached its limit of 20 bytes; what follows is dropped.",
    ]);
  });

  it("bounds the logs of a job together, whatever the number of its steps, also after a restart", async () => {
    const lease = await take();
    for (let step = 0; step < 10; step += 1) {
      for (let repeat = 0; repeat < 2; repeat += 1)
        expect(await runner.channel.log(lease, step, 0, Buffer.from("x".repeat(18)))).toEqual({ length: 18 });
      await runner.report(lease, { type: "step.started", step, name: "s", at: 1 });
    }
    const size = async (): Promise<number> => {
      let bytes = 0;
      for (let step = 0; step < 10; step += 1) bytes += (await bed.logs.size(lease.job, step)).bytes;
      return bytes;
    };
    expect((await bed.logs.read(lease.job, 2, 1, 10)).lines).toEqual([
      "x".repeat(14),
      "::warning::The logs of this job have reached their limit together; what follows is dropped.",
    ]);
    expect((await bed.logs.read(lease.job, 9, 1, 10)).lines.at(-1)).toContain("have reached their limit together");
    const before = await size();
    expect(await runner.channel.log(lease, 9, 18, Buffer.from("y".repeat(1000)))).toEqual({ length: 1018 });
    expect(await size()).toBe(before);
    await bed.restart({ limits });
    expect(await runner.channel.log(lease, 9, 1018, Buffer.from("y".repeat(1000)))).toEqual({ length: 2018 });
    expect(await size()).toBeLessThan(before + 200);
  });

  it("limits steps, annotations and outputs", async () => {
    const lease = await take();
    await expect(runner.report(lease, { type: "step.added", step: 10, id: "x", name: "x" })).rejects.toMatchObject({
      code: "call-invalid",
    });
    const annotation = { type: "annotation", step: 0, annotation: { level: "notice", message: "n" } } as const;
    await runner.report(lease, annotation, annotation, annotation, {
      type: "job.finished",
      status: "success",
      outputs: { big: "x".repeat(200) },
      at: 1,
    });
    const [run] = await bed.control.runs({ limit: 1 });
    const detail = await bed.control.run(run?.id ?? "");
    expect(detail.annotations).toHaveLength(2);
    expect(detail.jobs[0]).toMatchObject({
      status: "failure",
      reason: "its outputs have 203 bytes; the limit is 100",
      outputs: {},
    });
  });

  it("closes the logs of steps that ended", async () => {
    const lease = await take();
    await runner.channel.log(lease, 0, 0, Buffer.from("no newline"));
    await runner.report(lease, {
      type: "step.finished",
      step: 0,
      status: "success",
      allowed: false,
      exitCode: 0,
      at: 1,
    });
    await bed.control.idle();
    expect(await bed.logs.size(lease.job, 0)).toMatchObject({ closed: true, lines: 1 });
  });
});
