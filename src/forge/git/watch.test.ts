import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { installHook, spoolOf, uninstallHook } from "./hook.ts";
import { missedUpdates } from "./reconcile.ts";
import { parseReport, type PushReport } from "./spool.ts";
import { Testbed } from "./testbed.ts";
import { SpoolWatch } from "./watch.ts";

/** A watch whose pushes can be awaited one after another. */
function watching(fail: () => boolean = () => false): {
  watch: SpoolWatch;
  next: () => Promise<PushReport>;
  warnings: string[];
} {
  const pushes: PushReport[] = [];
  const waiters: ((report: PushReport) => void)[] = [];
  const warnings: string[] = [];
  const watch = new SpoolWatch({
    take: async (_id, report) => {
      if (fail()) throw new Error("the store is unavailable");
      const waiter = waiters.shift();
      if (waiter === undefined) pushes.push(report);
      else waiter(report);
    },
    warn: (message, detail) => warnings.push(`${message} ${JSON.stringify(detail)}`),
    intervalMs: 50,
  });
  const next = async (): Promise<PushReport> => pushes.shift() ?? new Promise((resolve) => waiters.push(resolve));
  return { watch, next, warnings };
}

describe("the hook and the spool", () => {
  it("reports pushes while it watches, and those made before", async () => {
    await using bed = await Testbed.create();
    await installHook(bed.bare);
    const first = await bed.commit("first", {});
    await bed.push("main");
    const { watch, next, warnings } = watching();
    await watch.add("1", bed.bare);
    expect(await next()).toMatchObject({
      pusher: "ada",
      updates: [{ before: "0".repeat(40), after: first, ref: "refs/heads/main" }],
    });
    const second = await bed.commit("second", {});
    await bed.git(bed.tree, "tag", "v1");
    await bed.push("main", "v1");
    const report = await next();
    expect(report.updates).toEqual([
      { before: first, after: second, ref: "refs/heads/main" },
      { before: "0".repeat(40), after: second, ref: "refs/tags/v1" },
    ]);
    await bed.push("--delete", "v1");
    expect((await next()).updates[0]?.after).toBe("0".repeat(40));
    await watch.close();
    expect(await readdir(spoolOf(bed.bare))).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("loses none of many pushes at once", async () => {
    await using bed = await Testbed.create();
    await installHook(bed.bare);
    const sha = await bed.commit("first", {});
    const { watch, next } = watching();
    await watch.add("1", bed.bare);
    const names = Array.from({ length: 12 }, (_, index) => `b${index}`);
    await Promise.all(names.map(async (name) => bed.push(`${sha}:refs/heads/${name}`)));
    const seen = new Set<string>();
    while (seen.size < names.length) for (const update of (await next()).updates) seen.add(update.ref);
    expect([...seen].toSorted()).toEqual(names.map((name) => `refs/heads/${name}`).toSorted());
    await watch.close();
  });

  it("keeps a push that cannot be handled yet", async () => {
    await using bed = await Testbed.create();
    await installHook(bed.bare);
    await bed.commit("first", {});
    await bed.push("main");
    let attempts = 0;
    const { watch, next, warnings } = watching(() => (attempts += 1) < 3);
    await watch.add("1", bed.bare);
    expect((await next()).updates).toHaveLength(1);
    expect(attempts).toBe(3);
    expect(warnings).toHaveLength(2);
    await watch.close();
  });

  it("runs an existing hook first, and restores it on removal", async () => {
    await using bed = await Testbed.create();
    const hook = join(bed.bare, "hooks", "post-receive");
    await mkdir(join(bed.bare, "hooks"), { recursive: true });
    await writeFile(hook, "#!/bin/sh\ncat > seen-by-the-old-hook\n");
    await chmod(hook, 0o755);
    await installHook(bed.bare);
    await installHook(bed.bare);
    const sha = await bed.commit("first", {});
    await bed.push("main");
    expect(await readFile(join(bed.bare, "seen-by-the-old-hook"), "utf8")).toBe(
      `${"0".repeat(40)} ${sha} refs/heads/main\n`,
    );
    expect(await readdir(spoolOf(bed.bare))).toHaveLength(1);
    await uninstallHook(bed.bare);
    expect(await readFile(hook, "utf8")).toContain("seen-by-the-old-hook");
    await expect(stat(join(bed.bare, "sluice"))).rejects.toThrow("ENOENT");
  });

  it("rejects forged reports and continues", async () => {
    await using bed = await Testbed.create();
    await installHook(bed.bare);
    const spool = spoolOf(bed.bare);
    const sha = "a".repeat(40);
    await writeFile(join(spool, "torn.push"), `pusher x\n${sha} ${sha} refs/heads/main\n`);
    await writeFile(join(spool, "junk.push"), Buffer.from([0, 255, 254]));
    await writeFile(join(spool, "shell.push"), `pusher x\n$(id) ${sha} refs/heads/main\nend\n`);
    await writeFile(join(spool, "huge.push"), "x".repeat(9 * 1024 * 1024));
    await symlink("/etc/passwd", join(spool, "link.push"));
    await mkdir(join(spool, "folder.push"));
    await promisify(execFile)("mkfifo", [join(spool, "pipe.push")]);
    const { watch, next, warnings } = watching();
    await watch.add("1", bed.bare);
    expect(warnings).toHaveLength(7);
    expect(await readdir(spool)).toEqual([]);
    await bed.commit("first", {});
    await bed.push("main");
    expect((await next()).updates).toHaveLength(1);
    await watch.close();
  });

  it("takes control characters out of the pusher's name and drops refs that are none", () => {
    const sha = "a".repeat(40);
    expect(
      parseReport(`pusher a\u001b[31mb\n${sha} ${sha} refs/heads/a..b\n${sha} ${sha} refs/notes/x\nend\n`),
    ).toEqual({ pusher: "a[31mb", updates: [] });
    expect(() => parseReport("")).toThrow("incomplete");
  });
});

describe("finding missed pushes", () => {
  it("compares the refs with the recorded tips", async () => {
    await using bed = await Testbed.create();
    const first = await bed.commit("first", {});
    await bed.git(bed.tree, "tag", "-a", "v1", "-m", "one");
    const second = await bed.commit("second", {});
    await bed.push("main", "v1");
    const tips = new Map([
      ["refs/heads/main", first],
      ["refs/heads/gone", first],
    ]);
    expect(await missedUpdates(bed.bare, tips)).toEqual([
      { before: first, after: second, ref: "refs/heads/main" },
      { before: "0".repeat(40), after: first, ref: "refs/tags/v1" },
      { before: first, after: "0".repeat(40), ref: "refs/heads/gone" },
    ]);
    // What no report may name, the comparison does not find either.
    const long = Array.from({ length: 12 }, () => "丁".repeat(60)).join("/");
    await bed.git(bed.bare, "branch", long, first);
    expect(
      await missedUpdates(
        bed.bare,
        new Map([
          ["refs/heads/main", second],
          ["refs/tags/v1", first],
        ]),
      ),
    ).toEqual([]);
  });
});
