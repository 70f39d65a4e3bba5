import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Backend, type JobPorts, loadBackend, type RunJob } from "../../src/job/index.ts";
import type { Assignment, JobReport } from "../../src/model/index.ts";
import {
  httpChannel,
  registerRunner,
  type Runner,
  type RunnerEvent,
  type RunnerOptions,
  startRunner,
} from "../../src/runner/index.ts";
import { type Fate, RunnerServer } from "./runner-server.ts";

let dir: string;
let server: RunnerServer;
let runner: Runner | undefined;
let backend: Backend;
let events: RunnerEvent[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-runner-"));
  backend = await loadBackend("host", { workRoot: dir });
  server = new RunnerServer(join(dir, "logs"));
  await server.listen();
  events = [];
});
afterEach(async () => {
  await runner?.stop("abandon");
  await server.leave();
  await server.logs.end();
  await rm(dir, { recursive: true });
});

/** @param more `shortMs` is how long a call may take before it is made anew: longer than any does on a busy machine. */
function start(
  runJob: RunJob,
  { shortMs = 30_000, ...more }: Partial<RunnerOptions> & { readonly shortMs?: number } = {},
): Runner {
  const channel = httpChannel({ url: server.url, token: "runner-token" }, { shortMs });
  runner = startRunner({
    channel,
    name: "test",
    labels: ["host"],
    capacity: 2,
    workRoot: dir,
    backend,
    graceMs: 100,
    runJob,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return runner;
}

function assignment(job: string, fence = 1): Assignment {
  return {
    lease: { job, fence },
    run: { id: "RUN", number: 1, attempt: 1 },
    repository: "shop",
    plan: {
      version: 1,
      dialect: "actions",
      workflow: "ci.yml",
      name: "CI",
      source: { path: "ci.yml", sha: "a" },
      needs: [],
      env: {},
      systemEnv: {},
      contexts: {},
    },
    job: { id: job, needs: [], runsOn: ["host"], services: [], env: {}, steps: [], outputs: {} },
    key: job,
    name: job,
    contexts: { needs: {} },
    secrets: {},
    timeoutMinutes: 10,
    source: { kind: "git", url: "x", sha: "a", ref: "refs/heads/main" },
  };
}

const finished: JobReport = { type: "job.finished", status: "success", outputs: { a: "1" }, at: 9 };

function stepReports(step: number): readonly [JobReport, JobReport] {
  return [
    { type: "step.started", step, name: `step ${step}`, at: step },
    { type: "step.finished", step, status: "success", allowed: false, exitCode: 0, at: step },
  ];
}

/** Waits for something that is sure to come. */
async function until(test: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 60_000; !test(); ) {
    if (performance.now() > end) throw new Error(`It never came: ${what}.`);
    await setTimeout(5);
  }
}

const ended = (job: string) =>
  events.some((event) => (event.type === "job.finished" || event.type === "job.dropped") && event.job === job);

/** A job of several steps that print a lot, in pieces of all sizes; it remembers what it said. */
function chattyJob(steps: number, piecesPerStep: number) {
  const said = new Map<string, { reports: JobReport[]; logs: Buffer[][] }>();
  const runJob: RunJob = async ({ lease }, { reporter }) => {
    const mine = { reports: [] as JobReport[], logs: [] as Buffer[][] };
    said.set(lease.job, mine);
    const report = (entry: JobReport) => {
      mine.reports.push(entry);
      reporter.report(entry);
    };
    for (let step = 0; step < steps; step += 1) {
      const [started, ending] = stepReports(step);
      const log: Buffer[] = [];
      mine.logs.push(log);
      report(started);
      for (let piece = 0; piece < piecesPerStep; piece += 1) {
        const size = [0, 1, 80, 5_000, 70_000, 400_000][(piece * 7 + step) % 6] ?? 0;
        const bytes = Buffer.alloc(size, `${lease.job} ${step} ${piece} ü\n`);
        log.push(bytes);
        await reporter.log(step, bytes);
        if (piece % 10 === 0)
          report({ type: "annotation", step, annotation: { level: "notice", message: `${piece}` } });
        if (piece % 4 === 0) await setImmediate();
      }
      report(ending);
    }
    report(finished);
  };
  const check = async () => {
    for (const [job, { reports, logs }] of said) {
      expect(server.held(job).reports).toEqual(reports);
      for (const [step, log] of logs.entries())
        expect((await server.log(job, step)).equals(Buffer.concat(log))).toBe(true);
    }
  };
  return { runJob, check };
}

/** The same disorder every time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a runner over HTTP", () => {
  it("registers, takes what it has room for, and brings reports and logs over as they were", async () => {
    expect(
      await registerRunner({ url: server.url, token: "runner-token" }, { name: "test", labels: ["host"], capacity: 2 }),
    ).toEqual({ id: "R1", token: "runner-token" });
    const { runJob, check } = chattyJob(3, 12);
    let together = 0;
    let most = 0;
    start(async (...given) => {
      together += 1;
      most = Math.max(most, together);
      await runJob(...given);
      together -= 1;
    });
    const ids = ["J1", "J2", "J3", "J4", "J5"];
    server.offer(...ids.map((id) => assignment(id)));
    await until(() => ids.every(ended), "all jobs ended");
    await check();
    expect(most).toBe(2);
    expect(server.offers[0]).toMatchObject({ labels: ["host"], free: 2, holds: [] });
    expect(Math.max(...server.offers.map((offer) => offer.free + offer.holds.length))).toBe(2);
  });

  it.each([1, 2, 3])("loses nothing and repeats nothing when requests and answers are lost (%i)", async (seed) => {
    const next = chance(seed);
    server.fate = () => {
      const value = next();
      if (value < 0.15) return "refused";
      return value < 0.35 ? "unanswered" : "fine";
    };
    // The server of this test forgets a job whose assignment was lost on the way: leases arrive.
    const fate = server.fate;
    server.fate = (request) => (request.url?.endsWith("/lease") === true ? "fine" : fate(request));
    const { runJob, check } = chattyJob(2, 20);
    start(runJob);
    server.offer(assignment("J1"), assignment("J2"));
    await until(() => ended("J1") && ended("J2"), "both jobs ended");
    await check();
    expect(events.filter((event) => event.type === "job.dropped")).toEqual([]);
    expect(events.some((event) => event.type === "call.failed")).toBe(true);
  });

  it("keeps a job running while the server is away, and delivers everything when it is back", async () => {
    let stepsDone = 0;
    const goOn = Promise.withResolvers<void>();
    const { runJob, check } = chattyJob(3, 8);
    start(async (given, ports) => {
      const report = (entry: JobReport) => {
        ports.reporter.report(entry);
        if (entry.type === "step.finished") stepsDone += 1;
      };
      await runJob(given, { ...ports, reporter: { report, log: (...output) => ports.reporter.log(...output) } });
      await goOn.promise;
    });
    server.offer(assignment("J1"));
    await until(() => stepsDone > 0, "the first step's end");
    await server.leave();
    await until(() => stepsDone === 3, "the last step's end, without a server");
    goOn.resolve();
    await until(() => events.some((event) => event.type === "call.failed"), "a failed call");
    await server.listen();
    await until(() => ended("J1"), "the job's end");
    // The runner may hear that the server is back for its other calls only after that.
    expect(events.findLast((event) => event.type.startsWith("job."))).toEqual({ type: "job.finished", job: "J1" });
    await check();
  });

  it("says once that the server is away, and once that it is back", async () => {
    let calls = 0;
    server.fate = () => {
      calls += 1;
      return "refused";
    };
    start(async () => {});
    await until(() => calls > 3, "calls that find no server");
    server.fate = () => "fine";
    server.offer(assignment("J1"));
    await until(() => ended("J1"), "a job");
    expect(events.map((event) => event.type)).toEqual(["server.away", "server.back", "job.taken", "job.finished"]);
  });

  it("makes a job wait that prints faster than the server accepts, and lets it continue afterwards", async () => {
    let printed = 0;
    let refused = 0;
    const piece = Buffer.alloc(100_000, "x");
    server.fate = (request) => {
      if (request.url?.includes("/log") !== true) return "fine";
      refused += 1;
      return "refused";
    };
    start(async (_, { reporter }) => {
      for (let count = 0; count < 300; count += 1) {
        await reporter.log(0, piece);
        printed += piece.length;
      }
      reporter.report(finished);
    });
    server.offer(assignment("J1"));
    await until(() => printed > 4_000_000, "a full buffer");
    const full = printed;
    const before = refused;
    await until(() => refused > before + 2, "more refusals");
    expect(printed).toBe(full);
    expect(full).toBeLessThan(4_400_000);
    server.fate = () => "fine";
    await until(() => ended("J1"), "the job's end");
    expect((await server.log("J1", 0)).length).toBe(30_000_000);
  });

  it("cancels a running job at once, and reports how it ended", async () => {
    server.beatMs = 120_000;
    start(async (_, { reporter, signal, dropped }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      expect(dropped?.aborted).toBe(false);
      await reporter.log(0, Buffer.from("stopped\n"));
      reporter.report({ type: "job.finished", status: "cancelled", outputs: {}, at: 2 });
    });
    server.offer(assignment("J1"));
    await until(() => server.carriedOut.includes("POST jobs/J1/heartbeat"), "a heartbeat");
    server.cancel("J1");
    await until(() => ended("J1"), "the job's end");
    // The heartbeat that waited brought the word, not one after it.
    const beats = server.carriedOut
      .slice(0, server.carriedOut.indexOf("PUT jobs/J1/steps/0/log"))
      .filter((call) => call.endsWith("/heartbeat"));
    expect(beats).toHaveLength(1);
    expect(server.held("J1").reports).toMatchObject([{ type: "job.finished", status: "cancelled" }]);
    expect((await server.log("J1", 0)).toString()).toBe("stopped\n");
  });

  it.each(["heartbeat", "report", "log"])(
    "drops a job silently when its lease is stale at a %s, and takes the next",
    async (which) => {
      const aborted = Promise.withResolvers<unknown>();
      start(async ({ lease }, { reporter, signal }) => {
        if (lease.job !== "J1") {
          reporter.report(finished);
          return;
        }
        reporter.report({ type: "step.started", step: 0, name: "a", at: 1 });
        await until(() => server.held("J1").reports.length === 1, "the first report");
        server.held("J1").fence = 2;
        if (which === "heartbeat") server.wake();
        if (which === "report") reporter.report({ type: "step.started", step: 1, name: "b", at: 1 });
        if (which === "log") await reporter.log(0, Buffer.from("late\n"));
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        aborted.resolve(signal.reason);
        await reporter.log(0, Buffer.alloc(10_000_000));
        reporter.report(finished);
      });
      server.offer(assignment("J1"));
      expect(await aborted.promise).toMatchObject({ code: "lease-stale" });
      await until(() => ended("J1"), "the job's end");
      server.offer(assignment("J2"));
      await until(() => ended("J2"), "the next job");
      // What was on its way when the job was dropped has come by now.
      const calls = server.carriedOut.length;
      server.offer(assignment("J3"));
      await until(() => ended("J3"), "the one after it");
      expect(server.carriedOut.slice(calls).filter((call) => call.includes("J1"))).toEqual([]);
      expect(server.held("J1").reports).toHaveLength(1);
      expect(await server.log("J1", 0)).toHaveLength(0);
      expect(events.find((event) => event.type === "job.dropped")).toMatchObject({
        job: "J1",
        reason: { code: "lease-stale" },
      });
    },
  );

  it("reports a failure for a job that the machine could not run, or that ended without a result", async () => {
    start(async ({ lease }) => {
      if (lease.job === "J1") throw new Error("no space for the workspace");
    });
    server.offer(assignment("J1"), assignment("J2"));
    await until(() => ended("J1") && ended("J2"), "both jobs");
    expect(server.held("J1").reports).toMatchObject([
      { type: "job.finished", status: "failure", reason: "no space for the workspace" },
    ]);
    expect(server.held("J2").reports).toMatchObject([
      { type: "job.finished", status: "failure", reason: "The job ended without a result." },
    ]);
  });

  it("finishes its jobs when it is stopped gently, and takes no more", async () => {
    const goOn = Promise.withResolvers<void>();
    const mine = start(async (_, { reporter }) => {
      await goOn.promise;
      reporter.report(finished);
    });
    server.offer(assignment("J1"));
    await until(() => mine.busy === 1 && server.leasesWaiting === 1, "a job, and a request for more");
    const stopped = mine.stop("finish");
    await until(() => server.leasesWaiting === 0, "the end of the request for more");
    server.offer(assignment("J2"));
    goOn.resolve();
    await stopped;
    await mine.done;
    expect(server.held("J1").reports).toEqual([finished]);
    expect(server.queue).toHaveLength(1);
    expect(mine.busy).toBe(0);
  });

  it("kills its jobs and reports nothing when told to abandon them", async () => {
    let stoppedBy: unknown;
    const mine = start(async (_, { reporter, signal, dropped }) => {
      await new Promise((resolve) => dropped?.addEventListener("abort", resolve, { once: true }));
      stoppedBy = signal.reason;
      reporter.report(finished);
    });
    server.offer(assignment("J1"));
    await until(() => mine.busy === 1, "a job");
    await mine.stop("abandon");
    expect(stoppedBy).toMatchObject({ code: "unavailable" });
    expect(server.held("J1").reports).toEqual([]);
  });

  it("takes one job and is done when that is asked for", async () => {
    const mine = start(async (_, { reporter }) => reporter.report(finished), { once: true, capacity: 5 });
    server.offer(assignment("J1"), assignment("J2"));
    await mine.done;
    expect(server.held("J1").reports).toEqual([finished]);
    expect(server.queue.map((each) => each.lease.job)).toEqual(["J2"]);
  });

  it("ends with the reason when its token is refused", async () => {
    server.token = "another";
    const mine = start(async () => {});
    await expect(mine.done).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("continues at the end of a log whose acknowledged bytes the server has lost", async () => {
    const goOn = Promise.withResolvers<void>();
    start(async (_, { reporter }) => {
      await reporter.log(0, Buffer.from("one\n"));
      await goOn.promise;
      await reporter.log(0, Buffer.from("two\n"));
      reporter.report(finished);
    });
    server.offer(assignment("J1"));
    await until(() => server.carriedOut.some((call) => call.endsWith("/log")), "the first line");
    await server.logs.settle();
    await server.logs.remove("J1");
    goOn.resolve();
    await until(() => ended("J1"), "the job's end");
    expect((await server.log("J1", 0)).toString()).toBe("two\n");
    expect(server.held("J1").reports).toEqual([finished]);
  });

  it("retries a call that gets no response", async () => {
    let silent = 2;
    server.fate = (request) => (request.url?.includes("/report") === true && silent-- > 0 ? "silent" : "fine");
    start(async (_, { reporter }) => reporter.report(finished), { shortMs: 1_000 });
    server.offer(assignment("J1"));
    await until(() => ended("J1"), "the job's end");
    expect(server.held("J1").reports).toEqual([finished]);
  });

  it("resends an upload after a lost connection, and recognises a lost response", async () => {
    const expected = await textOf(large());
    let lost = 0;
    server.fate = (request) => {
      if (request.method !== "PUT" || !/artifacts|cache/.test(request.url ?? "")) return "fine";
      lost += 1;
      return ["refused", "unanswered", "fine"][(lost - 1) % 3] as Fate;
    };
    start(async (_, { reporter, transfers }) => {
      expect(await transfers.uploadArtifact("large", large(), { overwrite: false })).toEqual({
        name: "large",
        bytes: 4_000_000,
      });
      expect(await transfers.uploadArtifact("small", pieces("small"), { overwrite: false })).toEqual({
        name: "small",
        bytes: 5,
      });
      await transfers.saveCache("large", "v", large());
      expect(await textOf(await transfers.downloadArtifact("large"))).toBe(expected);
      reporter.report(finished);
    });
    server.offer(assignment("J1"));
    await until(() => ended("J1"), "the job's end");
    expect(server.held("J1").reports).toEqual([finished]);
    expect(lost).toBe(9);
    expect(server.caches.get("v large")?.toString()).toBe(expected);
    expect(readdirSync(dir)).toEqual(["logs"]);
  });

  it("passes a rejected upload to the step", async () => {
    server.fate = () => "fine";
    let refusal: unknown;
    start(async (_, { reporter, transfers }) => {
      await transfers.uploadArtifact("a", pieces("1"), { overwrite: false });
      refusal = await transfers.uploadArtifact("a", pieces("1"), { overwrite: false }).catch((error: unknown) => error);
      await transfers.uploadArtifact("a", pieces("22"), { overwrite: true });
      reporter.report(finished);
    });
    server.offer(assignment("J1"));
    await until(() => ended("J1"), "the job's end");
    expect(refusal).toMatchObject({ code: "already-exists" });
    expect(server.held("J1").reports).toEqual([finished]);
    expect(server.held("J1").artifacts.get("a")?.toString()).toBe("22");
  });

  it("moves artifacts and caches whatever their names are", async () => {
    const failures: unknown[] = [];
    const job: RunJob = async (_, { reporter, transfers }: JobPorts) => {
      const name = "a/b?c#d %2F ü'\"";
      expect(
        await transfers.uploadArtifact(name, pieces("one", "two"), { overwrite: false, retentionDays: 3 }),
      ).toMatchObject({ bytes: 6 });
      await transfers
        .uploadArtifact(name, pieces("again"), { overwrite: false })
        .catch((error: unknown) => failures.push(error));
      await transfers
        .uploadArtifact("..", pieces("x"), { overwrite: false })
        .catch((error: unknown) => failures.push(error));
      await transfers.downloadArtifact("missing").catch((error: unknown) => failures.push(error));
      await transfers
        .uploadArtifact("broken", broken(), { overwrite: false })
        .catch((error: unknown) => failures.push(error));
      expect(await transfers.listArtifacts()).toEqual([{ name, bytes: 6 }]);
      expect(await textOf(await transfers.downloadArtifact(name))).toBe("onetwo");
      expect(await transfers.restoreCache("k", [], "v")).toBeUndefined();
      expect(await transfers.saveCache("kéy 1\n", "v", pieces("cached"))).toBe(true);
      expect(await transfers.saveCache("kéy 1\n", "v", pieces("other"))).toBe(false);
      const hit = await transfers.restoreCache("nothing", ["no", "kéy"], "v");
      expect(hit).toMatchObject({ key: "kéy 1\n", exact: false });
      expect(await textOf(hit?.content ?? pieces())).toBe("cached");
      expect(await transfers.restoreCache("kéy 1\n", [], "v")).toMatchObject({ exact: true });
      reporter.report(finished);
    };
    start(job);
    server.offer(assignment("J1"));
    await until(() => ended("J1"), "the job's end");
    expect(server.held("J1").reports).toEqual([finished]);
    expect(failures).toMatchObject([
      { code: "already-exists" },
      { code: "call-invalid" },
      { code: "not-found" },
      { message: "the file vanished" },
    ]);
  });
});

async function* pieces(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** Too much to be kept in memory. */
const large = () => pieces(...Array.from({ length: 40 }, (_, count) => String(count % 10).repeat(100_000)));

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new Error("the file vanished");
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString();
}
