import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { sweepWorkRoot } from "./folders.ts";
import { run, scratchFolder, script } from "../../testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const { path: work } = scratch;

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie whose parent does not collect it has ended all the same.
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 10 }).toBe(true);
}

/** Runs a job whose step writes process ids to a file, and cancels it when they are there. A step that is not reached goes on for longer than a test may take. */
async function cancelled(
  body: string,
  { more = [], graceMs = 300 }: { readonly more?: Parameters<typeof run>[1]["steps"]; readonly graceMs?: number } = {},
) {
  const file = join(work, "pids");
  writeFileSync(file, "");
  const controller = new AbortController();
  const outcome = run(work, {
    steps: [script("a", body, { env: { PIDS: file } }), ...more],
    ports: { signal: controller.signal, graceMs },
  });
  await until(() => readFileSync(file, "utf8").includes("ready"));
  const at = performance.now();
  controller.abort();
  const result = await outcome;
  return {
    ...result,
    took: performance.now() - at,
    pids: readFileSync(file, "utf8")
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0),
  };
}

/** Says who it is and stays; its own arguments are all that it is told. */
const daemon = `sh -c 'echo $$ >> "$0"; exec sleep 600' "$PIDS"`;
/** Waits for so many ids. */
const lines = (count: number): string => `until [ $(wc -l < "$PIDS") = ${count} ]; do sleep 0.01; done`;

describe("processes of the host backend", () => {
  it("end at a cancel with everything they started, and later steps do not run", async () => {
    const { steps, finished, pids } = await cancelled(
      'sleep 600 & echo $! >> "$PIDS"; echo $$ >> "$PIDS"; echo ready >> "$PIDS"; wait',
      {
        more: [
          script("b", "true"),
          script("c", "true", { if: { $expr: "always()" } }),
          script("d", "true", { if: { $expr: "cancelled()" } }),
        ],
      },
    );
    expect(steps).toEqual({ a: "cancelled", b: "skipped", c: "success", d: "success" });
    expect(finished.status).toBe("cancelled");
    expect(pids).toHaveLength(2);
    expect(pids.filter(lives)).toEqual([]);
  });

  it("are killed after the grace period if they and their children ignore TERM", async () => {
    const { steps, took, pids } = await cancelled(
      'trap "" TERM; (trap "" TERM; echo $BASHPID >> "$PIDS"; while :; do sleep 1; done) & echo $$ >> "$PIDS"; echo ready >> "$PIDS"; while :; do sleep 1; done',
    );
    expect(steps["a"]).toBe("cancelled");
    expect(took).toBeGreaterThan(250);
    expect(pids.filter(lives)).toEqual([]);
  });

  it("let children clean up within the grace period if the shell itself ends at once", async () => {
    const done = join(work, "tidied");
    const child = `(trap 'sleep 0.1; echo yes > "$DONE"; exit' TERM; echo ready >> "$PIDS"; while :; do sleep 0.01; done) & sleep 600`;
    await cancelled(`DONE='${done.replaceAll("'", "'\\''")}'; ${child}`, { graceMs: 30_000 });
    expect(readFileSync(done, "utf8")).toBe("yes\n");
  });

  it("continue after a cancel if their condition says so", async () => {
    const file = join(work, "pids");
    writeFileSync(file, "");
    const controller = new AbortController();
    const outcome = run(work, {
      steps: [
        script(
          "a",
          'echo ready >> "$PIDS"; until grep -q cancelled "$PIDS"; do sleep 0.01; done; sleep 0.2; echo to the end',
          { env: { PIDS: file }, if: { $expr: "always()" } },
        ),
      ],
      ports: { signal: controller.signal },
    });
    await until(() => readFileSync(file, "utf8").includes("ready"));
    controller.abort();
    appendFileSync(file, "cancelled\n");
    const { steps, logs, finished } = await outcome;
    expect(steps).toEqual({ a: "success" });
    expect(logs[0]).toContain("to the end");
    expect(finished.status).toBe("cancelled");
  });

  it("do not outlive the job: background children, and daemons that left group and session", async () => {
    const file = join(work, "daemons");
    const { steps } = await run(work, {
      steps: [
        script("a", `sleep 600 & echo $! >> "$PIDS"; setsid ${daemon} > /dev/null 2>&1 < /dev/null & ${lines(2)}`, {
          env: { PIDS: file },
        }),
        script("wiped", `env -i setsid ${daemon} > /dev/null 2>&1 & ${lines(3)}`, { env: { PIDS: file } }),
        script("b", 'kill -0 $(head -1 "$PIDS")', { env: { PIDS: file } }),
      ],
    });
    const pids = readFileSync(file, "utf8")
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0);
    expect(steps).toEqual({ a: "success", wiped: "success", b: "success" });
    expect(pids).toHaveLength(3);
    await until(() => pids.filter(lives).length === 0);
  });

  it("end a step when the process ends, even if a child holds its output; the child can keep writing", async () => {
    const file = join(work, "writer");
    const { logs, steps } = await run(work, {
      steps: [
        script(
          "a",
          '(while :; do echo late; echo x >> "$COUNT"; sleep 0.02; done) & until [ -s "$COUNT" ]; do sleep 0.01; done; echo first',
          { env: { COUNT: file } },
        ),
        script("b", 'before=$(wc -c < "$COUNT"); until [ $(wc -c < "$COUNT") -gt $before ]; do sleep 0.02; done', {
          env: { COUNT: file },
        }),
      ],
    });
    expect(steps).toEqual({ a: "success", b: "success" });
    expect(logs[0]).toContain("first\n");
  });

  it("lose no output that was written right before the end", async () => {
    const { logs } = await run(work, {
      steps: Array.from({ length: 10 }, (_, index) =>
        script(`s${index}`, "head -c 60000 /dev/zero | tr '\\0' x; echo end"),
      ),
    });
    for (const log of logs) expect(log.length).toBe(60_004);
  });

  it("keep both streams in order, and let scripts open them by name", async () => {
    const { logs } = await run(work, {
      steps: [
        script(
          "a",
          "for i in 1 2 3; do echo o$i; echo e$i >&2; done; echo named > /dev/stderr; echo too > /dev/stdout; cat < /dev/null; read x || echo no input",
        ),
      ],
    });
    expect(logs[0]).toBe("o1\ne1\no2\ne2\no3\ne3\nnamed\ntoo\nno input\n");
  });

  it("fail at the step's timeout with the reason, and the job continues", async () => {
    const { steps, reports } = await run(work, {
      steps: [script("a", "sleep 600", { timeoutMinutes: 0.003 }), script("b", "true", { if: { $expr: "failure()" } })],
    });
    expect(steps).toEqual({ a: "failure", b: "success" });
    expect(reports.find((entry) => entry.type === "step.finished")).toMatchObject({
      reason: expect.stringContaining("exceeded its timeout"),
    });
  });

  it("end at the job's timeout", async () => {
    const { steps, finished } = await run(work, {
      assignment: { timeoutMinutes: 0.04 },
      steps: [script("a", "sleep 600"), script("b", "true"), script("c", "true", { if: { $expr: "always()" } })],
    });
    expect(steps).toEqual({ a: "cancelled", b: "skipped", c: "success" });
    expect(finished).toMatchObject({ status: "failure", reason: expect.stringContaining("exceeded its timeout") });
  });

  it.each([
    ["a missing working directory", { workingDirectory: "no/such" }, "", /working directory/],
    ["too large an environment", {}, "x".repeat(200_000), /exceed the system's limit/],
  ])("report %s", async (_what, action, value, message) => {
    const step = script("a", "true", { env: { BIG: value } });
    const { steps, logs } = await run(work, {
      steps: [{ ...step, action: { type: "run", script: "true", ...action } }],
    });
    expect(steps).toEqual({ a: "failure" });
    expect(logs[0]).toMatch(message);
  });

  it("wait for the consumer of the output", async () => {
    let waiting = 0;
    let most = 0;
    let bytes = 0;
    const outcome = run(work, {
      steps: [script("a", "head -c 3000000 /dev/zero")],
      ports: {
        reporter: {
          report: () => undefined,
          log: async (_step, piece) => {
            waiting += 1;
            most = Math.max(most, waiting);
            await setImmediate();
            bytes += piece.length;
            waiting -= 1;
          },
        },
      },
    });
    await expect(outcome).rejects.toThrow("did not finish");
    expect(most).toBe(1);
    expect(bytes).toBe(3_000_000);
  });
});

describe("sweepWorkRoot", () => {
  it("kills what an earlier life left and removes its folders, and spares living jobs", async () => {
    const root = join(work, "sweep");
    const marker = "job-0123456789abcdef0123";
    mkdirSync(join(root, marker, "workspace"), { recursive: true });
    const gone = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
    writeFileSync(join(root, marker, ".owner"), `${gone} 1`);
    const alive = "job-ffffffffffffffffffff";
    mkdirSync(join(root, alive));
    writeFileSync(join(root, alive, ".owner"), `${process.pid} `);
    mkdirSync(join(root, "somebody's"));
    const orphan = spawn("sh", ["-c", "sleep 303; :"], {
      env: { PATH: process.env["PATH"], RUNNER_TRACKING_ID: marker },
      stdio: "ignore",
      detached: true,
    });
    await until(() => orphan.pid !== undefined && readFileSync(`/proc/${orphan.pid}/environ`, "utf8").includes(marker));
    const removed = await sweepWorkRoot(root);
    expect(removed.map((folder) => folder.split("/").at(-1))).toEqual([marker]);
    expect(readdirSync(root).toSorted()).toEqual([alive, "somebody's"].toSorted());
    await until(() => !lives(orphan.pid ?? 0));
  });

  it("does nothing where there is nothing", async () => {
    expect(await sweepWorkRoot(join(work, "not", "there"))).toEqual([]);
  });

  it("removes what a step left as an obstacle: a pipe instead of a file, folders deeper than the path limit", async () => {
    const root = join(work, "hostile");
    const [pipe, deep] = [join(root, `job-${"a".repeat(20)}`), join(root, `job-${"b".repeat(20)}`)];
    mkdirSync(pipe, { recursive: true });
    execFileSync("mkfifo", [join(pipe, ".owner")]);
    mkdirSync(deep);
    execFileSync("sh", ["-c", 'for i in $(seq 30); do mkdir "$0" && cd -P "$0" || exit; done', "d".repeat(200)], {
      cwd: deep,
      stdio: "ignore",
    });
    expect([...(await sweepWorkRoot(root, { alone: true }))].toSorted()).toEqual([pipe, deep]);
    expect(existsSync(deep)).toBe(false);
  });
});
