import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { until } from "../support/until.ts";

/** A small disk of its own; undefined where this user may not mount one. */
class Disk implements Disposable {
  readonly path: string;
  readonly mounted: boolean;

  constructor(size: string) {
    this.path = mkdtempSync(join(tmpdir(), "sluice-disk-"));
    this.mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", this.path]).status === 0;
  }

  /** Uses up what is left, to the last block. */
  fill(): void {
    for (let size = 4 << 20; size >= 1024; size >>= 1) {
      try {
        for (let count = 0; ; count += 1) writeFileSync(join(this.path, `ballast.${size}.${count}`), Buffer.alloc(size), { flag: "wx" });
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
    }
  }

  free(): void {
    spawnSync("sh", ["-c", 'rm -f -- "$1"/ballast.*', "sh", this.path]);
  }

  [Symbol.dispose](): void {
    if (this.mounted) spawnSync("umount", ["-l", this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}

const possible = ((): boolean => {
  using disk = new Disk("1m");
  return disk.mounted;
})();
if (!possible) console.warn("skipped: a full disk under the whole server, because this user cannot mount a small file system");

it.runIf(process.env["CI"] !== undefined)("a small file system can be mounted where it counts", () => {
  expect(possible).toBe(true);
});

const workflow = (command: string): Record<string, string> => ({ ".sluice/ci.yml": `triggers: [push]\nruns_on: [host]\nsteps:\n  - name: print\n    type: run_command\n    command: ${JSON.stringify(command)}\n` });

function integrity(data: string): unknown {
  const database = new DatabaseSync(join(data, "sluice.db"));
  try {
    return database.prepare("pragma integrity_check").all();
  } finally {
    database.close();
  }
}

describe.runIf(possible).concurrent("a full disk", () => {
  it("under a step that prints without an end: the server says so, stays up, and goes on when there is space", async () => {
    using disk = new Disk("64m");
    await using place = await Installation.start({ data: join(disk.path, "data"), config: { runner: { embedded: false } } });
    await place.startRunner("ann");
    const steps = place.witness("steps");
    const sha = await place.push("full", workflow(`echo begin >> ${steps.path}; yes 'a line that comes again and again' | head -c 100000000; echo end >> ${steps.path}`));
    await steps.shows("begin");
    await place.server.says(/storage-full|no space left/i, 60);
    const run = await until("the run", async () => place.runOf(sha));
    console.log(`a log filled the disk: the run is ${run.status}, ${JSON.stringify(run.jobs.map((job) => [job.status, job.reason, job.steps.map((step) => step.reason)]))}`);
    expect(place.server.running).toBe(true);
    await place.ask("POST", `/api/v1/runs/${run.id}/cancel`).catch(() => undefined);
    expect((await place.get<{ runs: unknown[] }>("/api/v1/runs")).runs).toHaveLength(1);
  });

  it("under everything: pushes are refused or wait, and nothing is broken when there is space again", async () => {
    using disk = new Disk("64m");
    await using place = await Installation.start({ data: join(disk.path, "data") });
    const steps = place.witness("steps");
    const first = await place.endOf(await place.push("full", workflow(`echo first >> ${steps.path}`)));
    expect(first.status).toBe("success");
    disk.fill();
    const refused = await place.push("full", workflow(`echo second >> ${steps.path}`)).then(() => "taken", (error: unknown) => String(error));
    console.log(`a push on to a full disk: ${refused}`);
    expect(place.server.running).toBe(true);
    expect((await place.get<{ runs: unknown[] }>("/api/v1/runs")).runs.length).toBeGreaterThan(0);
    disk.free();
    const last = await place.endOf(await place.push("full", workflow(`echo third >> ${steps.path}`)));
    expect(last.status).toBe("success");
    expect(steps.lines.filter((line) => line !== "second")).toEqual(["first", "third"]);
    place.server.signal("SIGTERM");
    expect(await place.server.ended()).toBe(0);
    expect(integrity(place.data)).toEqual([{ integrity_check: "ok" }]);
  });
});
