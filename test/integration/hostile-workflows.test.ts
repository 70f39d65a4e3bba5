import { describe, expect, it } from "vitest";
import { client, endedRun, eventually, Place, remote } from "./running-server.ts";

const good = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";
/** Within all limits of the dialect, and some hundred milliseconds of work. */
const heavy = `on: push\njobs:\n${Array.from({ length: 4000 }, (_, index) => `  j${index}:\n    runs-on: \${{ matrix.os }}\n    strategy: {matrix: {os: [a, b, c]}}\n    steps:\n      - run: echo \${{ format('{0}', github.sha) }}\n`).join("")}`;

describe("hostile workflow files", () => {
  it("end in a failed run that names them, while the server answers and others' pushes run", async () => {
    await using place = await Place.create();
    const server = await place.start({}, { compilerLimits: { each: 500, all: 2000, jobs: 10_000 } });
    const token = server.firstToken ?? "";
    const hostile = await place.tree("hostile", {
      ".github/workflows/bad.yml": heavy,
      ".github/workflows/good.yml": good,
    });
    const other = await place.tree("other", { ".github/workflows/ci.yml": good });
    const refs = Array.from({ length: 2 }, (_, index) => `HEAD:refs/heads/b${index}`);

    // Of the processor, in milliseconds: a busy machine may keep this thread waiting for longer.
    let longest = 0;
    let last = process.threadCpuUsage().user;
    const beat = setInterval(() => {
      const used = process.threadCpuUsage().user;
      longest = Math.max(longest, (used - last) / 1000);
      last = used;
    }, 5);
    await place.git(hostile, "push", "--quiet", remote(server, "hostile", token), ...refs);
    await place.git(other, "push", "--quiet", remote(server, "other", token), "HEAD:refs/heads/main");
    const innocent = await endedRun(server, token, await place.git(other, "rev-parse", "HEAD"));
    const health = await client(server.url, token).get("/healthz");
    const runs = await eventually(async () => {
      const { runs } = (await (await client(server.url, token).get("/api/v1/runs?repository=hostile")).json()) as {
        runs: { id: string; status: string }[];
      };
      return runs.length === refs.length && runs.every((run) => run.status === "failure") ? runs : undefined;
    });
    clearInterval(beat);

    expect([innocent.status, health.status]).toEqual(["success", 200]);
    const run = (await (await client(server.url, token).get(`/api/v1/runs/${runs[0]?.id ?? ""}`)).json()) as {
      diagnostics: { file: string; code: string }[];
      jobs: { status: string }[];
    };
    expect(run.diagnostics.map((each) => [each.file, each.code])).toEqual([
      [".github/workflows/bad.yml", "workflow-limit"],
    ]);
    expect(run.jobs.map((job) => job.status)).toEqual(["success"]);
    // Compiling one of these files takes the thread that does it longer than that.
    expect(longest).toBeLessThan(1000);
  });
});
