import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { SluiceError } from "../../model/index.ts";
import { once, tarOf } from "../archive/hostile.fixture.ts";
import { memoryTransfers, run, scratchFolder, script, uses } from "../testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const work = join(scratch.path, "work");

describe("upload-artifact and download-artifact", () => {
  it("bring files from one job to another, with names relative to what their patterns share", async () => {
    const transfers = memoryTransfers();
    const first = await run(work, {
      steps: [
        script(
          "make",
          "mkdir -p out/sub .hidden && echo 1 > out/a.txt && echo 2 > 'out/sub/b c.txt' && echo 3 > out/skip.log && echo 4 > out/.dot && chmod +x out/a.txt && echo @ > out/@at",
        ),
        uses("up", "actions/upload-artifact@v4", { name: "files", path: "out\n!out/**/*.log" }),
        uses("one", "actions/upload-artifact@v4", { name: "one", path: "out/sub/*.txt" }),
        script("see", "echo '${{ steps.up.outputs.artifact-digest }}'"),
      ],
      ports: { transfers },
    });
    expect(first.finished.status).toBe("success");
    expect(first.logs[3]).toMatch(/^[0-9a-f]{64}\n$/);
    const second = await run(work, {
      steps: [
        uses("down", "actions/download-artifact@v4", { name: "files", path: "in" }),
        script("see", "cd in && find . -type f | sort && cat a.txt 'sub/b c.txt'; ls -l a.txt | cut -c1-4"),
        uses("all", "actions/download-artifact@v4", { path: "all" }),
        uses("merged", "actions/download-artifact@v4", { path: "merged", pattern: "o*", "merge-multiple": "true" }),
        script("see2", "cd all && find . -type f | sort; ls ../merged; echo '${{ steps.all.outputs.download-path }}'"),
      ],
      ports: { transfers },
    });
    expect(second.logs[1]).toContain("./@at\n./a.txt\n./sub/b c.txt\n1\n2\n");
    expect(second.logs[1]).toContain("-rwx");
    expect(second.logs[4]).toMatch(
      /^\.\/files\/@at\n\.\/files\/a\.txt\n\.\/files\/sub\/b c\.txt\n\.\/one\/b c\.txt\nb c\.txt\n/,
    );
  });

  it("follow links inside of the workspace and refuse those that lead outside", async () => {
    const transfers = memoryTransfers();
    const { steps, logs } = await run(work, {
      steps: [
        script("make", "mkdir d && echo x > d/f && ln -s f d/inside && ln -s . d/circle && ln -s nowhere d/dangling"),
        uses("fine", "actions/upload-artifact@v4", { name: "fine", path: "d" }),
        script("evil", "ln -s /etc/passwd d/outside"),
        uses("refused", "actions/upload-artifact@v4", { name: "refused", path: "d" }),
        uses("byfolder", "actions/upload-artifact@v4", { name: "byfolder", path: "e" }, { if: { $expr: "always()" } }),
      ],
      ports: { transfers },
    });
    expect(steps).toMatchObject({ fine: "success", refused: "failure" });
    expect(logs[3]).toMatch(/\/etc\/passwd, outside/);
    expect([...transfers.artifacts.keys()]).toEqual(["fine"]);
  });

  it("handle empty results as configured", async () => {
    const { steps, annotations } = await run(work, {
      steps: [
        uses("warn", "actions/upload-artifact@v4", { path: "none" }),
        uses("ignore", "actions/upload-artifact@v4", { path: "none", "if-no-files-found": "ignore" }),
        uses(
          "error",
          "actions/upload-artifact@v4",
          { path: "none", "if-no-files-found": "error" },
          { continueOnError: true },
        ),
        uses("missing", "actions/download-artifact@v4", { name: "none" }, { continueOnError: true }),
        uses("name", "actions/upload-artifact@v4", { name: "../x", path: "." }),
      ],
    });
    expect(steps).toEqual({
      warn: "success",
      ignore: "success",
      error: "failure!",
      missing: "failure!",
      name: "failure",
    });
    expect(annotations).toHaveLength(1);
  });

  it("refuse a foreign artifact that contains links", async () => {
    const transfers = memoryTransfers();
    transfers.artifacts.set("evil", gzipSync(tarOf([{ path: "l", type: "SymbolicLink", linkpath: "/" }])));
    const { steps, logs } = await run(work, {
      steps: [uses("down", "actions/download-artifact@v4", { name: "evil" })],
      ports: { transfers },
    });
    expect(steps).toEqual({ down: "failure" });
    expect(logs[0]).toContain("only contain plain files");
  });
});

describe("download-artifact", () => {
  it.each([
    ["garbage", gzipSync(Buffer.alloc(5_000, "garbage"))],
    ["half an archive", gzipSync(tarOf([{ path: "a", body: "x".repeat(5_000) }])).subarray(0, 60)],
    ["a broken compression", Buffer.concat([gzipSync("x").subarray(0, 12), Buffer.alloc(50, 7)])],
  ])("says so when it gets %s", async (_what, bytes) => {
    const transfers = memoryTransfers();
    transfers.artifacts.set("broken", bytes);
    const { steps, logs } = await run(work, {
      steps: [uses("down", "actions/download-artifact@v4", { name: "broken" })],
      ports: { transfers },
    });
    expect(steps).toEqual({ down: "failure" });
    expect(logs[0]).toMatch(/archive is damaged/);
  });
});

describe("transfers that hang", () => {
  it("do not keep a cancelled or timed-out job alive", async () => {
    const never = { ...memoryTransfers(), uploadArtifact: () => new Promise<never>(() => undefined) };
    const { steps, finished } = await run(work, {
      steps: [
        script("make", "touch f"),
        uses("up", "actions/upload-artifact@v4", { path: "f" }, { timeoutMinutes: 0.002 }),
      ],
      ports: { transfers: never },
    });
    expect(steps).toEqual({ make: "success", up: "failure" });
    expect(finished.status).toBe("failure");
  });
});

describe("cache", () => {
  it("saves after the job and restores in the next, links and empty folders included", async () => {
    const transfers = memoryTransfers();
    const inputs = { key: "k-1", path: "deps\nsingle", "restore-keys": "k-" };
    const first = await run(work, {
      steps: [
        uses("cache", "actions/cache@v4", inputs),
        script(
          "fill",
          "echo '${{ steps.cache.outputs.cache-hit }}.'; mkdir -p deps/empty deps/bin && echo x > deps/f && ln -s ../f deps/bin/f && ln deps/f deps/hard && echo s > single",
        ),
      ],
      ports: { transfers },
    });
    expect(first.steps).toMatchObject({ cache: "success", __post_cache: "success" });
    expect(first.logs[1]).toBe(".\n");
    const second = await run(work, {
      steps: [
        uses("cache", "actions/cache@v4", inputs),
        script(
          "see",
          "echo ${{ steps.cache.outputs.cache-hit }}; cat deps/bin/f deps/hard single; readlink deps/bin/f; ls -d deps/empty",
        ),
      ],
      ports: { transfers },
    });
    expect(second.logs[1]).toBe("true\nx\nx\ns\n../f\ndeps/empty\n");
    expect(second.steps["__post_cache"]).toBeUndefined();
    const third = await run(work, {
      steps: [
        uses("cache", "actions/cache/restore@v4", { ...inputs, key: "k-2" }),
        script("see", "echo ${{ steps.cache.outputs.cache-hit }} ${{ steps.cache.outputs.cache-matched-key }}"),
      ],
      ports: { transfers },
    });
    expect(third.logs[1]).toBe("false k-1\n");
  });

  it("is not saved by a failed job, and never restored elsewhere than requested", async () => {
    const transfers = memoryTransfers();
    const { steps } = await run(work, {
      steps: [uses("cache", "actions/cache@v4", { key: "k", path: "d" }), script("bad", "mkdir d; exit 1")],
      ports: { transfers },
    });
    expect(steps).toMatchObject({ __post_cache: "skipped" });
    expect(transfers.caches.size).toBe(0);
    const forged = {
      ...transfers,
      restoreCache: () =>
        Promise.resolve({ key: "k", exact: true, content: once(gzipSync(tarOf([{ path: "1/x", body: "evil" }]))) }),
    };
    const refused = await run(work, {
      steps: [uses("cache", "actions/cache/restore@v4", { key: "k", path: "d" })],
      ports: { transfers: forged },
    });
    expect(refused.steps).toEqual({ cache: "failure" });
    expect(refused.logs[0]).toContain("is in none of the requested paths");
  });
});

describe("a cache that is saved", () => {
  it("leaves out what its paths exclude, in folders and in patterns", async () => {
    const transfers = memoryTransfers();
    const inputs = { key: "k", path: "deps\n!deps/tmp\nlib/**\n!lib/**/*.log" };
    const first = await run(work, {
      steps: [
        uses("cache", "actions/cache@v4", inputs),
        script("fill", "mkdir -p deps/tmp lib/a; touch deps/kept deps/tmp/gone lib/a/kept lib/a/gone.log"),
      ],
      ports: { transfers },
    });
    expect(first.steps).toMatchObject({ __post_cache: "success" });
    const second = await run(work, {
      steps: [uses("cache", "actions/cache@v4", inputs), script("see", "find deps lib -type f | sort")],
      ports: { transfers },
    });
    expect(second.logs[1]).toBe("deps/kept\nlib/a/kept\n");
  });

  it("warns, and fails nothing, if a file cannot be read or the server accepts no more", async () => {
    const transfers = memoryTransfers();
    // Paths of a cache are lines, which the name of the scratch folder is not.
    const shared = mkdtempSync(join(tmpdir(), "sluice-cache-"));
    const gone = {
      ...transfers,
      saveCache: (key: string, version: string, content: AsyncIterable<Uint8Array>) => (
        rmSync(join(shared, "b")), transfers.saveCache(key, version, content)
      ),
    };
    for (const name of ["a", "b"]) writeFileSync(join(shared, name), name);
    const full = {
      ...transfers,
      saveCache: () =>
        Promise.reject(new SluiceError("payload-too-large", "The caches of this repository have 1 GiB.")),
    };
    for (const [ports, why] of [
      [gone, "no such file"],
      [full, "have 1 GiB"],
    ] as const) {
      const { steps, finished, annotations, logs } = await run(work, {
        steps: [uses("cache", "actions/cache@v4", { key: "k", path: shared })],
        ports: { transfers: ports },
      });
      expect(steps).toMatchObject({ cache: "success", __post_cache: "success" });
      expect(finished.status).toBe("success");
      expect(annotations).toMatchObject([{ level: "warning" }]);
      expect(logs[1]).toMatch(/##\[warning\]Cannot save the cache k: /);
      expect(logs[1]).toContain(why);
    }
    expect(transfers.caches.size).toBe(0);
    rmSync(shared, { recursive: true });
  });
});

describe("hashFiles", () => {
  it("changes with the files that match, and not with others", async () => {
    const { logs } = await run(work, {
      steps: [
        script("make", "mkdir -p a/b && echo 1 > a/b/x.lock && echo 2 > y.lock"),
        script("one", "echo ${{ hashFiles('**/*.lock') }}"),
        script("other", "echo 3 > other"),
        script("two", "echo ${{ hashFiles('**/*.lock') }}"),
        script("change", "echo 4 > a/b/x.lock"),
        script("three", "echo ${{ hashFiles('**/*.lock') }} ${{ hashFiles('a/**', '!**/*.lock') }}."),
      ],
    });
    expect(logs[1]).toMatch(/^[0-9a-f]{64}\n$/);
    expect(logs[3]).toBe(logs[1]);
    expect(logs[5]?.trim()).not.toBe(logs[1]?.trim());
    expect(logs[5]).toMatch(/^[0-9a-f]{64} \.\n$/);
  });

  it("refuses files that are too large to read in one go", async () => {
    const { logs, steps } = await run(work, {
      steps: [script("make", "truncate -s 2T big"), script("hash", "echo ${{ hashFiles('big') }}")],
    });
    expect(steps).toEqual({ make: "success", hash: "failure" });
    expect(logs[1]).toContain("hashFiles() would read 2199023255552 bytes");
  });
});
