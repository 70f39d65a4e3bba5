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
import { type ChangeRequest, crashPoint, type OpenRun, type Runs } from "../../transition/index.ts";
import { heldJob, isHolder, stale } from "./leases.ts";
import type { Limits } from "../control/limits.ts";
import type { LogIntake } from "./logs.ts";

/** Receives runners' reports: each report is one transaction with everything that follows from it. */
export class Reports {
  readonly #store: Store;
  readonly #runs: Runs;
  readonly #logs: LogIntake;
  readonly #limits: Limits;
  /** What each open job has reported besides its log. */
  readonly #said = new Map<string, { annotations: number; summaries: number }>();

  constructor(options: {
    readonly store: Store;
    readonly runs: Runs;
    readonly logs: LogIntake;
    readonly limits: Limits;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#logs = options.logs;
    this.#limits = options.limits;
  }

  /**
   * See RunnerChannel.report. Rejects with `conflict` if entries in between are missing, with `call-invalid` for one
   * that exceeds a limit.
   */
  async report(runnerId: string, lease: Lease, from: number, entries: readonly JobReport[]): Promise<void> {
    const first = await this.#store.jobs.byId(lease.job);
    if (first === undefined || !isHolder(first, runnerId, lease)) throw stale(lease);
    // Everything was applied, and only the response was lost: also after the job's end.
    if (from + entries.length <= first.reported) return;
    await this.#runs.change(first.runId, async (run) => {
      const row = await heldJob(this.#store, runnerId, lease);
      if (from > row.reported)
        throw new SluiceError("conflict", `The report continues at entry ${from}, but only ${row.reported} are known.`);
      return this.#toChange(run, row, entries.slice(row.reported - from));
    });
    crashPoint("control.after-report");
  }

  /** The job has ended: drops what is kept about it. */
  forget(job: string): void {
    this.#said.delete(job);
  }

  #toChange(run: OpenRun, row: JobRow, entries: readonly JobReport[]): ChangeRequest {
    const plan = run.plans.find((each) => each.workflow === row.workflow)?.jobs.find((each) => each.id === row.job);
    const inputs: EngineInput[] = [];
    const steps = new Map<number, StepChange>();
    const annotations: RunChange["annotations"][number][] = [];
    const summaries: RunChange["summaries"][number][] = [];
    for (const entry of entries) {
      if (entry.type === "job.finished") {
        inputs.push(this.#end(row, entry));
        continue;
      }
      if (entry.step < 0 || entry.step >= this.#limits.steps)
        throw new SluiceError("call-invalid", `Step ${entry.step} exceeds the limit of ${this.#limits.steps} steps.`);
      const place = { jobId: row.id, step: entry.step };
      if (entry.type === "annotation") {
        if (this.#mayAnnotate(row.id))
          annotations.push({ ...place, annotation: shortAnnotation(entry.annotation, this.#limits) });
      } else if (entry.type === "summary") {
        const markdown = cut(entry.markdown, this.#limits.summary);
        if (this.#maySummarize(row.id, markdown)) summaries.push({ ...place, markdown });
      } else {
        const fields = { ...stepFields(entry, plan?.steps[entry.step], this.#limits), ...this.#logOf(row, entry) };
        steps.set(entry.step, { ...steps.get(entry.step), jobId: row.id, index: entry.step, ...fields });
      }
    }
    const { id, runId, reported, begunAt } = row;
    // A report proves that the job was begun.
    const begun = begunAt === undefined ? { begunAt: startOf(entries), startedAt: startOf(entries) } : {};
    const jobs = [{ id, runId, reported: reported + entries.length, ...begun }];
    return { inputs, steps: [...steps.values()], annotations, summaries, jobs };
  }

  /** A runner reports the end of a step once all of its log is stored. */
  #logOf({ id }: JobRow, entry: StepEntry): Pick<StepChange, "log"> {
    const log = entry.type === "step.finished" ? this.#logs.size(id, entry.step) : undefined;
    return log === undefined ? {} : { log };
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

type StepChange = RunChange["steps"][number];
type StepEntry = Extract<JobReport, { type: "step.added" | "step.started" | "step.finished" }>;

/** The columns that an entry sets. A step keeps its planned name until the runner knows better. */
function stepFields(entry: StepEntry, plan: StepPlan | undefined, limits: Limits): Omit<StepChange, "jobId" | "index"> {
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

/** The page shows all annotations of a run at once: each must be limited in size. */
function shortAnnotation(annotation: Annotation, { name, message }: Limits): Annotation {
  const { title, file } = annotation;
  return {
    ...annotation,
    message: shortened(annotation.message, message),
    ...(title === undefined ? {} : { title: shortened(title, name) }),
    ...(file === undefined ? {} : { file: shortened(file, name) }),
  };
}

function startOf(entries: readonly JobReport[]): number {
  return entries.find((entry) => "at" in entry)?.at ?? 0;
}

function cut(text: string, limit: number): string {
  return Buffer.byteLength(text) <= limit
    ? text
    : `${Buffer.from(text).subarray(0, limit).toString("utf8")}\n\n*(cut: longer than ${limit} bytes)*`;
}
