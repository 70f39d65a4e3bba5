import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { leaveOut } from "../support/missing.ts";
import { until } from "../support/until.ts";

const system = (program: string, ...words: readonly string[]): boolean => spawnSync(program, words).status === 0;

/** A small disk of its own; undefined where this user may not mount one. */
class Disk implements Disposable {
  readonly path: string;
  readonly mounted: boolean;

  constructor(size: string) {
    this.path = mkdtempSync(join(tmpdir(), "sluice-disk-"));
    this.mounted = system("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", this.path);
  }

  /** Uses up what is left, to the last block. */
  fill(): void {
    for (let size = 4 << 20; size >= 1024; size >>= 1) {
      try {
        for (let count = 0; ; count += 1)
          writeFileSync(join(this.path, `ballast.${size}.${count}`), Buffer.alloc(size), { flag: "wx" });
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
    }
  }

  free(): void {
    for (const name of readdirSync(this.path)) if (name.startsWith("ballast")) rmSync(join(this.path, name));
  }

  [Symbol.dispose](): void {
    if (this.mounted) system("umount", "-l", this.path);
    rmSync(this.path, { recursive: true, force: true });
  }
}

const possible = ((): boolean => {
  using disk = new Disk("1m");
  return disk.mounted;
})();
if (!possible) leaveOut("a full disk under the whole server", "this user cannot mount a small file system");

const workflow = (command: string): Record<string, string> => ({
  ".sluice/ci.yml": `triggers: [push]\nruns_on: [host]\nsteps:\n  - name: print\n    type: run_command\n    command: ${JSON.stringify(command)}\n`,
});

function integrity(data: string): unknown {
  const database = new DatabaseSync(join(data, "sluice.db"));
  try {
    return database.prepare("pragma integrity_check").all();
  } finally {
    database.close();
  }
}

describe.runIf(possible).concurrent("a full disk", () => {
  it("under a step's log: the job waits for space with its output, and then it ends as it should", async () => {
    using disk = new Disk("64m");
    await using place = await Installation.start({
      data: join(disk.path, "data"),
      config: { runner: { embedded: false } },
    });
    const runner = await place.startRunner("ann");
    const steps = place.witness("steps");
    const go = place.witness("go");
    const sha = await place.push(
      "full",
      workflow(
        `echo begin >> ${steps.path}; until [ -e ${go.path} ]; do sleep 0.01; done; seq -f 'line number %.0f' 1 1000000; echo end >> ${steps.path}`,
      ),
    );
    await steps.shows("begin");
    disk.fill();
    go.write();
    await runner.says(/no space left|disk .* is full/i, 60);
    await place.server.says(/storage-full/, 60);
    expect(place.server.running).toBe(true);
    const run = await until("the run", async () => place.runOf(sha));
    expect(run.status).toBe("running");
    const { job, step } = await place.stepOf(sha, "main", "print");
    const before = await place.log(job.id, step.index);
    await expect(place.ask("POST", `/api/v1/runs/${run.id}/cancel`)).rejects.toMatchObject({
      status: 507,
      message: expect.stringContaining("storage-full"),
    });
    // The run only says that it runs; the server says why it does not move.
    const notices = async (): Promise<readonly unknown[]> =>
      (await place.get<{ notices: unknown[] }>("/api/v1/now")).notices;
    expect(await notices()).toEqual([
      {
        code: "storage-full",
        message: expect.stringMatching(/no space left|is full/i),
        since: expect.any(String),
        help: expect.stringContaining("Free space there"),
      },
    ]);
    await expect(place.ask("GET", "/readyz")).rejects.toMatchObject({ status: 507 });
    disk.free();
    const ended = await place.endOf(sha);
    expect(ended.jobs.map((each) => [each.status, each.attempt])).toEqual([["success", 1]]);
    await until("the notice goes by itself", async () => ((await notices()).length === 0 ? true : undefined));
    expect(steps.lines).toEqual(["begin", "end"]);
    const log = (await place.rawLog(job.id, step.index)).toString();
    expect(log.split("\n").slice(0, before.lines.length)).toEqual(before.lines);
    const numbers = log.match(/^line number \d+$/gm) ?? [];
    expect(numbers.length).toBe(1_000_000);
    expect(numbers.every((line, index) => line === `line number ${index + 1}`)).toBe(true);
    await endsWhole(place);
  });

  it("under a job's workspace: its steps fail by themselves, which is told when there is space", async () => {
    using disk = new Disk("64m");
    await using place = await Installation.start({
      data: join(disk.path, "data"),
      config: { runner: { labels: ["host"] } },
    });
    const steps = place.witness("steps");
    const go = place.witness("go");
    const sha = await place.push(
      "full",
      workflow(
        `echo begin >> ${steps.path}; until [ -e ${go.path} ]; do sleep 0.01; done; head -c 1000000 /dev/zero > large || { echo failed >> ${steps.path}; exit 7; }`,
      ),
    );
    await steps.shows("begin");
    disk.fill();
    go.write();
    await steps.shows("failed");
    await place.server.says(/storage-full/, 60);
    disk.free();
    const run = await place.endOf(sha);
    expect(run.status).toBe("failure");
    expect(run.jobs.map((job) => [job.status, job.attempt, job.steps[0]?.exitCode])).toEqual([["failure", 1, 7]]);
    const next = await place.endOf(await place.push("full", workflow("true")));
    expect(next.status).toBe("success");
    await endsWhole(place);
  });

  it("under a push and a start: both say so, and nothing is broken when there is space again", async () => {
    using disk = new Disk("64m");
    await using place = await Installation.start({
      data: join(disk.path, "data"),
      config: { runner: { labels: ["host"] } },
    });
    const steps = place.witness("steps");
    expect((await place.endOf(await place.push("full", workflow(`echo first >> ${steps.path}`)))).status).toBe(
      "success",
    );
    disk.fill();
    await expect(place.push("full", workflow(`echo second >> ${steps.path}`))).rejects.toThrow(
      /No space left on device|disk is full/i,
    );
    expect((await place.get<{ runs: unknown[] }>("/api/v1/runs")).runs).toHaveLength(1);
    await place.server.kill();
    await place.startServer().catch(() => {
      // Whether a start needs space is SQLite's affair; that it says so is ours.
    });
    expect(place.server.said).toMatch(/listens on|\[storage-full\]/);
    disk.free();
    if (!place.server.running) await place.startServer();
    expect((await place.endOf(await place.push("full", workflow(`echo third >> ${steps.path}`)))).status).toBe(
      "success",
    );
    expect(steps.lines).toEqual(["first", "third"]);
    await endsWhole(place);
  });
});

/** The server ends by itself when asked to, and leaves a database without a fault. */
async function endsWhole(place: Installation): Promise<void> {
  place.server.signal("SIGTERM");
  expect(await place.server.ended()).toBe(0);
  expect(integrity(place.data)).toEqual([{ integrity_check: "ok" }]);
}
