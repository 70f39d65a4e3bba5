import type { EngineInput } from "../../engine/index.ts";
import {
  excessOf,
  shortened,
  stepName,
  type Annotation,
  type JobReport,
  type Lease,
  type StepPlan,
} from "../../model/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { JobRow, RunChange, Store } from "../../store/index.ts";
import { crashPoint } from "./crash.ts";
import { heldJob, isHolder, stale } from "./hold.ts";
import type { Limits } from "./limits.ts";
import type { ChangeRequest, OpenRun, RunService } from "./runs.ts";

/** Takes in what runners report: each report is one transaction with all that follows from it. */
export class Reports {
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #limits: Limits;
  /** Hears of steps that have ended, and of the job's end with no steps. */
  readonly #finished: (job: JobRow, steps: readonly number[]) => void;
  /** What each open job has said besides its log. */
  readonly #said = new Map<string, { annotations: number; summaries: number }>();

  constructor(options: {
    store: Store;
    runs: RunService;
    limits: Limits;
    finished: (job: JobRow, steps: readonly number[]) => void;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#limits = options.limits;
    this.#finished = options.finished;
  }

  /** See RunnerChannel.report. Rejects with `conflict` when entries in between are missing, with `call-invalid` for one that breaks a limit. */
  async report(runnerId: string, lease: Lease, from: number, entries: readonly JobReport[]): Promise<void> {
    const first = await this.#store.jobs.byId(lease.job);
    if (first === undefined || !isHolder(first, runnerId, lease)) throw stale(lease);
    // Everything was applied, and only the answer was lost: also after the job's end.
    if (from + entries.length <= first.reported) return;
    let row = first;
    let fresh: readonly JobReport[] = [];
    await this.#runs.change(first.runId, async (run) => {
      row = await heldJob(this.#store, runnerId, lease);
      if (from > row.reported)
        throw new SluiceError("conflict", `The report goes on at entry ${from}, but only ${row.reported} are known.`);
      fresh = entries.slice(row.reported - from);
      return this.#toChange(run, row, fresh);
    });
    crashPoint("control.after-report");
    const steps = fresh.filter((entry) => entry.type === "step.finished").map((entry) => entry.step);
    if (fresh.some((entry) => entry.type === "job.finished")) this.#finished(row, []);
    else if (steps.length > 0) this.#finished(row, steps);
  }

  /** The job has ended: what is kept about it goes. */
  forget(job: string): void {
    this.#said.delete(job);
  }

  #toChange(run: OpenRun, row: JobRow, entries: readonly JobReport[]): ChangeRequest {
    const plan = run.plans.find((each) => each.workflow === row.workflow)?.jobs.find((each) => each.id === row.job);
    const began =
      row.startedAt === undefined ? { startedAt: startOf(entries) ?? row.heartbeatAt ?? row.queuedAt ?? 0 } : {};
    // The start goes before the end, whether it was noted yet or not; the engine ignores a second one.
    const inputs: EngineInput[] = [{ type: "job.started", key: row.key, attempt: row.attempt }];
    const steps: RunChange["steps"][number][] = [];
    const annotations: RunChange["annotations"][number][] = [];
    const summaries: RunChange["summaries"][number][] = [];
    for (const entry of entries) {
      if (entry.type === "job.finished") {
        inputs.push(this.#end(row, entry));
        continue;
      }
      if (entry.step < 0 || entry.step >= this.#limits.steps)
        throw new SluiceError("call-invalid", `Step ${entry.step} is beyond the limit of ${this.#limits.steps} steps.`);
      const place = { jobId: row.id, step: entry.step };
      if (entry.type === "annotation") {
        if (this.#mayAnnotate(row.id))
          annotations.push({ ...place, annotation: shortAnnotation(entry.annotation, this.#limits) });
      } else if (entry.type === "summary") {
        const markdown = cut(entry.markdown, this.#limits.summary);
        if (this.#maySummarize(row.id, markdown)) summaries.push({ ...place, markdown });
      } else
        steps.push({ jobId: row.id, index: entry.step, ...stepFields(entry, plan?.steps[entry.step], this.#limits) });
    }
    return {
      inputs,
      steps,
      annotations,
      summaries,
      jobs: [{ id: row.id, runId: row.runId, reported: row.reported + entries.length, ...began }],
    };
  }

  #mayAnnotate(job: string): boolean {
    const said = this.#saidBy(job);
    said.annotations += 1;
    return said.annotations <= this.#limits.annotations;
  }

  #maySummarize(job: string, markdown: string): boolean {
    const said = this.#saidBy(job);
    said.summaries += Buffer.byteLength(markdown);
    return said.summaries <= this.#limits.summaries;
  }

  #saidBy(job: string): { annotations: number; summaries: number } {
    const said = this.#said.get(job) ?? { annotations: 0, summaries: 0 };
    this.#said.set(job, said);
    return said;
  }

  #end(row: JobRow, entry: Extract<JobReport, { type: "job.finished" }>): EngineInput {
    const { status, outputs } = entry;
    const reason = entry.reason === undefined ? undefined : shortened(entry.reason, this.#limits.message);
    const input = { type: "job.finished", key: row.key, attempt: row.attempt } as const;
    const excess = excessOf(outputs, this.#limits.outputs);
    if (excess !== undefined) return { ...input, status: "failure", outputs: {}, reason: excess };
    return { ...input, status, outputs, ...(reason === undefined ? {} : { reason }) };
  }
}

type StepEntry = Extract<JobReport, { type: "step.added" | "step.started" | "step.finished" }>;

/** The columns that an entry sets. A step of the plan is named by it until the runner knows better. */
function stepFields(
  entry: StepEntry,
  plan: StepPlan | undefined,
  limits: Limits,
): Omit<RunChange["steps"][number], "jobId" | "index"> {
  if (entry.type === "step.added")
    return { id: shortened(entry.id, limits.name), name: shortened(entry.name, limits.name) };
  if (entry.type === "step.started")
    return {
      ...(plan === undefined ? {} : { id: plan.id }),
      name: shortened(entry.name, limits.name),
      status: "running",
      startedAt: entry.at,
    };
  const { status, allowed, exitCode, reason, at } = entry;
  const known = plan === undefined || status !== "skipped" ? {} : { id: plan.id, name: stepName(plan) };
  return {
    ...known,
    status,
    allowed,
    finishedAt: at,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason: shortened(reason, limits.message) }),
  };
}

/** The page shows all annotations of a run at once: none may be of any size. */
function shortAnnotation(annotation: Annotation, { name, message }: Limits): Annotation {
  const { title, file } = annotation;
  return {
    ...annotation,
    message: shortened(annotation.message, message),
    ...(title === undefined ? {} : { title: shortened(title, name) }),
    ...(file === undefined ? {} : { file: shortened(file, name) }),
  };
}

function startOf(entries: readonly JobReport[]): number | undefined {
  return entries.find((entry) => entry.type === "step.started")?.at;
}

function cut(text: string, limit: number): string {
  return Buffer.byteLength(text) <= limit
    ? text
    : `${Buffer.from(text).subarray(0, limit).toString("utf8")}\n\n*(cut: longer than ${limit} bytes)*`;
}
