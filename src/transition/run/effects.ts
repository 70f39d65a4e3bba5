import type { Effect } from "../../engine/index.ts";
import { isTerminal } from "../../model/index.ts";
import type { AuditEntry, NewMessage, RunChange } from "../../store/index.ts";
import { memberOf } from "../group/member.ts";
import type { Signal } from "../signals.ts";
import { groupEnter, groupLeave, logComplete, runFinished } from "../topics.ts";
import { liveEvents } from "./live.ts";
import { overall } from "./columns.ts";
import type { RowChanges } from "./rows.ts";
import type { OpenRun, StoredRun } from "./state.ts";

/** The messages left by a change of a run, in their delivery order. */
export function messagesOf(
  run: OpenRun,
  effects: readonly Effect[],
  before: StoredRun | undefined,
  rows: RowChanges,
  steps: RunChange["steps"],
): readonly NewMessage[] {
  return [
    ...groupMessages(run, effects),
    ...logMessages(run.id, rows.left, steps),
    ...outcomeMessages(run, before, rows.stored),
  ];
}

function groupMessages({ id, repositoryId: repository }: OpenRun, effects: readonly Effect[]): readonly NewMessage[] {
  return effects.flatMap((effect): NewMessage[] => {
    if (effect.type === "group.enter") {
      const { group, limit, cancelInProgress } = effect;
      return [groupEnter.message({ repository, group, member: memberOf(id, effect.holder), limit, cancelInProgress })];
    }
    if (effect.type === "group.leave")
      return [groupLeave.message({ repository, group: effect.group, member: memberOf(id, effect.holder) })];
    return [];
  });
}

function logMessages(run: string, left: readonly string[], steps: RunChange["steps"]): readonly NewMessage[] {
  const ended = steps.filter(
    ({ jobId, status }) => status !== undefined && isTerminal(status) && !left.includes(jobId),
  );
  const byJob = Map.groupBy(ended, ({ jobId }) => jobId);
  return [
    ...left.map((job) => logComplete.message({ run, job, steps: null })),
    ...[...byJob].map(([job, its]) => logComplete.message({ run, job, steps: its.map(({ index }) => index) })),
  ];
}

function outcomeMessages(run: OpenRun, before: StoredRun | undefined, after: StoredRun): readonly NewMessage[] {
  const status = overall(after);
  if (before !== undefined && overall(before) === status && before.engine.attempt === after.engine.attempt) return [];
  const body = { run: run.id, repository: run.repository, number: run.number, status };
  return isTerminal(status) ? [runFinished.message(body)] : [];
}

/** The audit entries left by a change of a run: that it ended. */
export function auditOf(
  run: Pick<OpenRun, "id" | "repository" | "number">,
  before: StoredRun | undefined,
  after: StoredRun,
  at: number,
): readonly AuditEntry[] {
  const status = overall(after);
  if (!isTerminal(status) || (before !== undefined && isTerminal(overall(before)))) return [];
  const subject = `${run.repository}#${run.number}`;
  return [{ at, actor: "sluice", action: "run.finish", subject, detail: { run: run.id, status } }];
}

type SignallingChange = Pick<RunChange, "run" | "jobs" | "steps" | "annotations" | "summaries">;

/** Signals of a committed change to those who wait. `run` is the run after it. */
export function signalsOf(
  run: OpenRun,
  before: StoredRun | undefined,
  effects: readonly Effect[],
  change: SignallingChange,
  cancelled: readonly string[],
): readonly Signal[] {
  const labels = effects.filter((effect) => effect.type === "job.queued").map((effect) => effect.labels);
  return [
    ...(labels.length > 0 ? [{ type: "queued", labels } as const] : []),
    ...(cancelled.length > 0 ? [{ type: "cancelled", jobs: cancelled } as const] : []),
    ...liveEvents(run, before, change).map((event) => ({ type: "live", event }) as const),
  ];
}
