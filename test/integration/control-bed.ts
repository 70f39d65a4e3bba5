import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileAll, readSchedules, type WorkflowFile } from "../../src/dialect/index.ts";
import { forgesOf } from "../../src/forge/index.ts";
import type { Assignment, Event, JobReport, Lease } from "../../src/model/index.ts";
import type { Offer, RunnerChannel } from "../../src/runner/index.ts";
import type { Compiler } from "../../src/server/compile/index.ts";
import { type Control, type ControlOptions, startControl } from "../../src/server/control/index.ts";
import {
  openBlobs,
  type OpenedLogs,
  openLogs,
  openStore,
  type RepositoryRow,
  type Store,
} from "../../src/store/index.ts";
import { scriptedForge } from "./scripted-forge.ts";

/** What a test may set of the controllers' surroundings. */
export interface BedOptions extends Partial<ControlOptions> {
  /** Reads a commit's workflow files in place of `bed.files`. */
  readonly files?: (sha: string) => Promise<readonly WorkflowFile[]>;
  readonly compileAll?: Compiler["compileAll"];
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** One job with one step. */
export const oneJob: readonly WorkflowFile[] = [
  {
    path: ".github/workflows/ci.yml",
    text: "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n",
  },
];

/** One job that starts every hour. */
export const hourly: readonly WorkflowFile[] = [
  {
    path: ".github/workflows/hourly.yml",
    text: "on:\n  schedule: [{cron: '0 * * * *'}]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n",
  },
];

/** A data folder with the real store, logs and blobs, and controllers that can be stopped and started again on it. */
export class Bed {
  readonly folder: string;
  readonly database: string;
  store!: Store;
  logs!: OpenedLogs;
  control!: Control;
  repository!: RepositoryRow;
  /** Workflow files of every commit. */
  files: readonly WorkflowFile[] = [];
  problems: readonly string[] = [];
  #events = 0;

  private constructor(folder: string, database: string) {
    this.folder = folder;
    this.database = database;
  }

  /** Opens a bed on a new folder, or on one that another process left. */
  static async open(options: BedOptions = {}, folder?: string, database?: string): Promise<Bed> {
    const place = folder ?? (await mkdtemp(join(tmpdir(), "sluice-control-")));
    const bed = new Bed(place, database ?? `sqlite:${join(place, "sluice.db")}`);
    await bed.up(options);
    const known = await bed.store.repositories.byName("demo");
    bed.repository =
      known ??
      (await bed.store.repositories.add({
        name: "demo",
        forge: "git",
        remoteId: "1",
        defaultBranch: "main",
        createdAt: Date.now(),
      }));
    return bed;
  }

  /** Opens everything on the folder, as a start of the server does. */
  async up(options: BedOptions = {}): Promise<void> {
    this.store = await openStore({ database: this.database, now: Date.now });
    this.logs = openLogs(join(this.folder, "logs"));
    const {
      files = async () => this.files,
      compileAll: compile = async (...of) => compileAll(...of),
      ...more
    } = options;
    // Controllers that were abandoned complain into a list of their own.
    const problems: string[] = [];
    this.problems = problems;
    this.control = startControl({
      store: this.store,
      logs: this.logs,
      blobs: openBlobs(join(this.folder, "blobs")),
      now: Date.now,
      compiler: { warm() {}, compileAll: compile, schedules: async (_repository, read) => readSchedules(read) },
      forges: forgesOf([scriptedForge((more) => this.event(more), files)]),
      baseUrl: "http://localhost",
      storage: { check: async () => undefined },
      logger: { ...silent, error: (fields, message) => problems.push(`${message}: ${JSON.stringify(fields)}`) },
      ...more,
    });
    await this.control.start();
  }

  /** Stops the controllers in the middle of whatever runs, and opens everything anew. */
  async restart(options: BedOptions = {}): Promise<void> {
    await this.down();
    await this.up(options);
  }

  /** Opens everything anew beside controllers that never come to an end. */
  async abandon(options: BedOptions = {}): Promise<void> {
    await this.store.close();
    await this.up(options);
  }

  readonly compile = compileAll;

  async down(): Promise<void> {
    await this.control.close();
    await this.logs.end();
    await this.store.close();
  }

  /** Closes and removes everything. Rejects when something in the background failed meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
    if (this.problems.length > 0) throw new Error(this.problems.join("\n"));
  }

  event(more: Partial<Event> = {}): Event {
    this.#events += 1;
    const sha = String(this.#events).padStart(40, "a");
    return {
      kind: "push",
      repository: { name: "demo", defaultBranch: "main", cloneUrl: "http://localhost/git/demo.git" },
      ref: "refs/heads/main",
      sha,
      commit: {
        message: "Add a thing\n\nbecause",
        author: { login: "ann", name: "Ann" },
        timestamp: "2026-01-01T00:00:00Z",
      },
      sender: { login: "ann" },
      payload: {},
      ...more,
    };
  }

  /** Pushes with one Actions workflow; answers with the run's id once it is there. */
  async push(yaml: string, more: Partial<Event> = {}): Promise<string> {
    this.files = [{ path: ".github/workflows/ci.yml", text: yaml }];
    const event = this.event(more);
    await this.control.accept(event, this.repository.id, `push ${event.sha}`);
    await this.control.idle();
    const [run] = await this.control.runs({ limit: 1 });
    if (run?.sha !== event.sha) throw new Error(`no run was made; ${this.problems.join("; ")}`);
    return run.id;
  }

  runner(name = "r", labels: readonly string[] = ["ubuntu-latest"]): Promise<ScriptedRunner> {
    return ScriptedRunner.register(this, name, labels);
  }

  /** Runs that there are, oldest first, as `number status`. */
  async outcomes(): Promise<readonly string[]> {
    return (await this.control.runs({ limit: 100 })).map((run) => `${run.number} ${run.status}`).toReversed();
  }
}

/** A runner that does what the test says, over the real channel. */
export class ScriptedRunner {
  readonly id: string;
  readonly #bed: Bed;
  readonly #labels: readonly string[];
  readonly #reported = new Map<string, number>();
  readonly #holds = new Map<string, Lease>();

  private constructor(bed: Bed, id: string, labels: readonly string[]) {
    this.#bed = bed;
    this.id = id;
    this.#labels = labels;
  }

  static async register(bed: Bed, name: string, labels: readonly string[]): Promise<ScriptedRunner> {
    const { id } = await bed.control.registerRunner({ name, labels, capacity: 2 });
    return new ScriptedRunner(bed, id, labels);
  }

  get channel(): RunnerChannel {
    return this.#bed.control.channelFor(this.id);
  }

  lease(more: Partial<Offer> = {}, signal: AbortSignal = AbortSignal.timeout(10_000)): Promise<readonly Assignment[]> {
    return this.#note(
      this.channel.lease(
        { labels: this.#labels, free: 1, holds: [...this.#holds.values()], waitMs: 0, ...more },
        signal,
      ),
    );
  }

  async #note(leasing: Promise<readonly Assignment[]>): Promise<readonly Assignment[]> {
    const assignments = await leasing;
    for (const { lease } of assignments) this.#holds.set(lease.job, lease);
    return assignments;
  }

  /** Takes one job, which must be there. */
  async take(): Promise<Assignment> {
    const [assignment] = await this.lease();
    if (assignment === undefined) throw new Error("no job is queued");
    return assignment;
  }

  async report(lease: Lease, ...entries: readonly JobReport[]): Promise<void> {
    const from = this.#reported.get(lease.job) ?? 0;
    await this.channel.report(lease, from, entries);
    this.#reported.set(lease.job, from + entries.length);
    if (entries.some((entry) => entry.type === "job.finished")) this.#holds.delete(lease.job);
  }

  /** Runs the job's steps as if each succeeded, or the last one failed, and ends the job. */
  async finish(
    assignment: Assignment,
    status: "success" | "failure" | "cancelled" = "success",
    outputs: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const at = Date.now();
    const last = assignment.job.steps.length - 1;
    for (const [step, { id }] of assignment.job.steps.entries()) {
      await this.report(assignment.lease, { type: "step.started", step, name: id, at });
      await this.channel.log(assignment.lease, step, 0, Buffer.from(`output of ${id}\n`));
      await this.report(assignment.lease, {
        type: "step.finished",
        step,
        status: step === last ? status : "success",
        allowed: false,
        exitCode: status === "failure" && step === last ? 1 : 0,
        at,
      });
    }
    await this.report(assignment.lease, { type: "job.finished", status, outputs: { ...outputs }, at });
  }

  /** Takes and finishes jobs until none is queued. */
  async work(status: (assignment: Assignment) => "success" | "failure" = () => "success"): Promise<readonly string[]> {
    const done: string[] = [];
    for (let [assignment] = await this.lease(); assignment !== undefined; [assignment] = await this.lease()) {
      await this.finish(assignment, status(assignment));
      await this.#bed.control.idle();
      done.push(assignment.name);
    }
    return done;
  }
}
