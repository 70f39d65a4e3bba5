import {
  isExpression,
  isJsonObject,
  longestIndexed,
  reportLimits,
  shortened,
  type Count,
  type Flag,
  type JobPlan,
  type Json,
  type JsonObject,
  type Plan,
  type Template,
} from "../model/index.ts";
import { count, type Contexts, flag, template, text } from "./evaluation.ts";
import { expandMatrix } from "./matrix.ts";
import type { JobSettings, JobState } from "./port.ts";

/** Default job timeout, in minutes; the same as GitHub's. */
export const defaultTimeoutMinutes = 360;

/** A cell before its settings are known. A job without a matrix is one cell without values. */
export interface Slot {
  readonly index: number;
  readonly total: number;
  readonly failFast: boolean;
  readonly maxParallel: number;
  readonly values?: JsonObject;
  readonly label?: string;
}

/** Evaluates a job's strategy into one slot per matrix cell. Throws an Error for the author if it cannot. */
export function slotsOf(job: JobPlan, contexts: Contexts): readonly Slot[] {
  const strategy = job.strategy;
  const failFast = strategy === undefined ? true : flag(strategy.failFast, contexts, "fail-fast");
  const limit = limitOf(strategy?.maxParallel, contexts, "max-parallel");
  if (strategy?.matrix === undefined) return [{ index: 0, total: 1, failFast, maxParallel: limit ?? 1 }];
  const cells = expandMatrix(matrixOf(strategy.matrix, contexts));
  return cells.map((cell, index) => ({
    index,
    total: cells.length,
    failFast,
    maxParallel: limit ?? cells.length,
    ...cell,
  }));
}

/** Evaluates the matrix key by key, so that a message can name the key. */
function matrixOf(matrix: Template, contexts: Contexts): Json {
  if (typeof matrix !== "object" || matrix === null || Array.isArray(matrix) || isExpression(matrix))
    return template(matrix, contexts, "matrix");
  const entries = Object.entries(matrix).flatMap(([key, vector]) => {
    const value = template({ [key]: vector }, contexts, `matrix.${key}`);
    return isJsonObject(value) ? Object.entries(value) : [];
  });
  return Object.fromEntries(entries);
}

/** The contexts of a cell: the plan's, `needs`, `matrix` and `strategy`. */
export function cellContexts(slot: Omit<Slot, "label">, base: Contexts): Contexts {
  const strategy = {
    "fail-fast": slot.failFast,
    "job-index": slot.index,
    "job-total": slot.total,
    "max-parallel": slot.maxParallel,
  };
  return { ...base, strategy, matrix: slot.values ?? null };
}

export interface ResolvedJob {
  readonly name: string;
  readonly labels: readonly string[];
  readonly settings: JobSettings;
}

/** Evaluates what a cell's plan leaves to expressions. Throws an Error for the author if it cannot. */
export function resolveJob(plan: Plan, job: JobPlan, slot: Slot, contexts: Contexts): ResolvedJob {
  const { index, total, failFast, maxParallel } = slot;
  const group = job.concurrency === undefined ? undefined : groupOf(job.concurrency, contexts);
  if (
    group !== undefined &&
    plan.concurrency !== undefined &&
    groupOf(plan.concurrency, contexts)?.name === group.name
  ) {
    throw new Error(`its concurrency group "${group.name}" is already held by its workflow, so it could never start`);
  }
  return {
    name: nameOf(job, slot, contexts),
    labels: labelsOf(template(job.runsOn, contexts, "runs-on")),
    settings: {
      index,
      total,
      failFast,
      maxParallel,
      timeoutMinutes: limitOf(job.timeoutMinutes, contexts, "timeout-minutes") ?? defaultTimeoutMinutes,
      continueOnError:
        job.continueOnError === undefined ? false : flag(job.continueOnError, contexts, "continue-on-error"),
      ...(group === undefined ? {} : { group }),
    },
  };
}

/** The displayed name: a name from an expression is used as it is; any other gets the cell's values in brackets. */
function nameOf(job: JobPlan, slot: Slot, contexts: Contexts): string {
  if (isExpression(job.name)) {
    const name = text(job.name, contexts, "name").trim();
    if (name !== "") return shortened(name, reportLimits.name);
  }
  return suffixed(plainName(job), slot.label);
}

/** The name of a job before its cells are known. */
export function plainName(job: JobPlan): string {
  return typeof job.name === "string" && job.name !== "" ? shortened(job.name, reportLimits.name) : job.id;
}

/** `build` and `18, linux` become `build (18, linux)`. */
export function suffixed(name: string, label: string | undefined): string {
  return label === undefined || label === "" ? name : `${name} (${label})`;
}

/**
 * Evaluates a concurrency; an empty group means none. Group names ignore case, as on GitHub. The other dialects do not
 * specify it; there, two names that differ only in case more likely mean the same group.
 * https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
export function groupOf(
  concurrency: NonNullable<Plan["concurrency"]>,
  contexts: Contexts,
): { name: string; cancelInProgress: boolean; limit: number } | undefined {
  const name = text(concurrency.group, contexts, "concurrency.group").trim().toLowerCase();
  if (name === "") return undefined;
  checkIndexed(name, "concurrency.group");
  const cancelInProgress: Flag = concurrency.cancelInProgress;
  return {
    name,
    cancelInProgress: flag(cancelInProgress, contexts, "concurrency.cancel-in-progress"),
    limit: Math.max(1, concurrency.limit),
  };
}

/**
 * `runs-on` as labels: a text, a list, or `{group, labels}`, where the group's name is the label if there are no
 * others.
 */
function labelsOf(value: Json): readonly string[] {
  if (isJsonObject(value)) {
    const labels = value["labels"] === undefined || value["labels"] === null ? [] : labelsOf(value["labels"]);
    return labels.length > 0 ? labels : labelsOf(value["group"] ?? null);
  }
  const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]).flat() : [value];
  const labels = list.map((label) => {
    if (typeof label === "string" && label.trim() !== "") return label.trim();
    if (typeof label === "number" || typeof label === "boolean") return String(label);
    throw new Error(`runs-on evaluates to ${JSON.stringify(label)}, which is not a label`);
  });
  const different = [...new Set(labels)];
  checkIndexed(JSON.stringify(different), "runs-on");
  return different;
}

/** Jobs are indexed by these texts. */
function checkIndexed(text: string, what: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > longestIndexed) throw new Error(`${what} evaluates to ${bytes} bytes; the limit is ${longestIndexed}`);
}

/** A limit set by the author; zero means no limit, as on GitHub. */
function limitOf(limit: Count | undefined, contexts: Contexts, what: string): number | undefined {
  const value = limit === undefined ? 0 : count(limit, contexts, what);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${what} evaluates to ${value}, which is not a limit`);
  return value === 0 ? undefined : value;
}

/** The slot of an entry whose settings are known; its contexts are built from it. */
export function slotOf(job: JobState, settings: JobSettings): Slot {
  const values = job.matrix !== undefined && isJsonObject(job.matrix) ? { values: job.matrix } : {};
  return {
    index: settings.index,
    total: settings.total,
    failFast: settings.failFast,
    maxParallel: settings.maxParallel,
    ...values,
  };
}
