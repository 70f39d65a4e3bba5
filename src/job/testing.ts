import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProblem, parseText } from "../expression/index.ts";
import type { Annotation, Assignment, JobPlan, JobReport, Plan, StepAction, StepPlan, Text } from "../model/index.ts";
import { loadBackend, type BackendName } from "./backend/registry.ts";
import { runJob } from "./job.ts";
import type { JobPorts, Transfers } from "./port.ts";

/** Runs jobs for the tests of this room: real processes, and a reporter that keeps everything. */
export interface Outcome {
  readonly reports: readonly JobReport[];
  readonly logs: readonly string[];
  /** Status by step id, `failure!` if it is allowed. */
  readonly steps: Readonly<Record<string, string>>;
  readonly finished: Extract<JobReport, { type: "job.finished" }>;
  readonly annotations: readonly Annotation[];
}

export interface Setup {
  readonly steps: readonly StepPlan[];
  readonly job?: Partial<JobPlan>;
  readonly plan?: Partial<Plan>;
  readonly assignment?: Partial<Assignment>;
  readonly backend?: BackendName;
  readonly ports?: Partial<JobPorts>;
  /** Notified when a step has written output. */
  readonly onLog?: () => void;
  readonly onReport?: (entry: JobReport) => void;
}

/** A folder that lives as long as the test file. Its name is as awkward as a path can be. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sluice "job" \'ü\n'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }) };
}

/** Text as an author writes it, with `${{ }}`. */
export function text(raw: string): Text {
  const parsed = parseText(raw);
  if (typeof parsed !== "string" && isProblem(parsed)) throw new Error(parsed.message);
  return parsed;
}

/** A `run:` step. */
export function script(id: string, body: string, more: Partial<StepPlan> & { readonly shell?: string } = {}): StepPlan {
  const { shell, ...rest } = more;
  return {
    id,
    env: {},
    action: { type: "run", script: text(body), ...(shell === undefined ? {} : { shell }) },
    ...rest,
  };
}

/** A `uses:` step. */
export function uses(
  id: string,
  reference: string,
  inputs: Readonly<Record<string, string>> = {},
  more: Partial<StepPlan> = {},
): StepPlan {
  return {
    id,
    env: {},
    action: {
      type: "uses",
      reference,
      with: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, text(value)])),
    },
    ...more,
  };
}

/** A Woodpecker step. */
export function container(
  id: string,
  action: Omit<Extract<StepAction, { type: "container" }>, "type">,
  more: Partial<StepPlan> = {},
): StepPlan {
  return { id, env: {}, action: { type: "container", ...action }, ...more };
}

/** Runs a job to its end. */
export async function run(workRoot: string, setup: Setup): Promise<Outcome> {
  const reports: JobReport[] = [];
  const logs: Buffer[][] = [];
  const ids = new Map<number, string>(setup.steps.map((step, index) => [index, step.id]));
  const job: JobPlan = {
    id: "build",
    needs: [],
    runsOn: "any",
    services: [],
    env: {},
    outputs: {},
    steps: setup.steps,
    ...setup.job,
  };
  const assignment: Assignment = {
    lease: { job: "1", fence: 1 },
    run: { id: "7", number: 7, attempt: 1 },
    repository: "owner/name",
    plan: {
      version: 1,
      dialect: "actions",
      workflow: "w.yml",
      name: "w",
      source: { path: "w.yml", sha: "0".repeat(40) },
      needs: [],
      env: {},
      systemEnv: { GITHUB_SHA: "cafe" },
      contexts: { github: { sha: "cafe", event: { number: 5 } } },
      ...setup.plan,
    },
    job,
    key: "build",
    name: "build",
    contexts: {},
    secrets: {},
    timeoutMinutes: 5,
    source: { kind: "folder", path: workRoot, sha: "0".repeat(40), ref: "refs/heads/main" },
    ...setup.assignment,
  };
  await runJob(assignment, {
    reporter: {
      report: (entry) => {
        reports.push(entry);
        if (entry.type === "step.added") ids.set(entry.step, entry.id);
        setup.onReport?.(entry);
      },
      log: (step, bytes) => {
        (logs[step] ??= []).push(Buffer.from(bytes));
        setup.onLog?.();
      },
    },
    transfers: memoryTransfers(),
    backend: await loadBackend(setup.backend ?? "host", { workRoot }),
    workRoot,
    runner: { name: "tester" },
    signal: new AbortController().signal,
    graceMs: 300,
    ...setup.ports,
  });
  const steps: Record<string, string> = {};
  for (const entry of reports)
    if (entry.type === "step.finished") steps[ids.get(entry.step) ?? ""] = `${entry.status}${entry.allowed ? "!" : ""}`;
  const finished = reports.find((entry) => entry.type === "job.finished");
  if (finished === undefined) throw new Error("the job did not finish");
  return {
    reports,
    logs: Array.from({ length: ids.size }, (_, index) => Buffer.concat(logs[index] ?? []).toString()),
    steps,
    finished,
    annotations: reports.flatMap((entry) => (entry.type === "annotation" ? [entry.annotation] : [])),
  };
}

/** Artifacts and caches in memory; for several jobs of one run when shared. */
export function memoryTransfers(): Transfers & {
  readonly artifacts: Map<string, Buffer>;
  readonly caches: Map<string, Buffer>;
} {
  const artifacts = new Map<string, Buffer>();
  const caches = new Map<string, Buffer>();
  return {
    artifacts,
    caches,
    uploadArtifact: async (name, content) => {
      const bytes = await read(content);
      artifacts.set(name, bytes);
      return { bytes: bytes.length };
    },
    listArtifacts: () => Promise.resolve([...artifacts].map(([name, content]) => ({ name, bytes: content.length }))),
    downloadArtifact: async (name) => found(artifacts.get(name)),
    restoreCache: (key, others, version) => {
      const match = [key, ...others].flatMap((wanted) =>
        [...caches.keys()].filter(
          (each) => each === `${version}/${wanted}` || (wanted !== key && each.startsWith(`${version}/${wanted}`)),
        ),
      )[0];
      return Promise.resolve(
        match === undefined
          ? undefined
          : {
              key: match.slice(version.length + 1),
              exact: match === `${version}/${key}`,
              content: found(caches.get(match)),
            },
      );
    },
    saveCache: async (key, version, content) => {
      const bytes = await read(content);
      if (caches.has(`${version}/${key}`)) return false;
      caches.set(`${version}/${key}`, bytes);
      return true;
    },
  };
}

async function read(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of content) all.push(piece);
  return Buffer.concat(all);
}

function found(content: Buffer | undefined): AsyncIterable<Uint8Array> {
  if (content === undefined) throw new Error("there is none");
  return pieces(content);
}

async function* pieces(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000);
}
