import { runnerWait } from "../../engine/index.ts";
import type { RunnerView } from "../../model/index.ts";
import type { JobRow } from "../../store/index.ts";

/**
 * Says of every queued job what exactly it waits for: `a runner with label linux; 2nd in the queue`, or that no
 * runner could ever take it as things are. The place counts those that ask for the same labels.
 */
export function queueTexts(queued: readonly JobRow[], runners: readonly RunnerView[]): ReadonlyMap<string, string> {
  const online = runners.filter((runner) => runner.online);
  const places = new Map<string, number>();
  const texts = new Map<string, string>();
  for (const job of queued) {
    const labels = [...job.labels].toSorted().join("\n");
    const place = (places.get(labels) ?? 0) + 1;
    places.set(labels, place);
    texts.set(job.id, `${wait(job.labels, online)}; ${ordinal(place)} in the queue`);
  }
  return texts;
}

function wait(labels: readonly string[], online: readonly RunnerView[]): string {
  if (online.length === 0) return `${runnerWait(labels)}, but no runner is online`;
  if (online.some((runner) => labels.every((label) => runner.labels.includes(label)))) return runnerWait(labels);
  const missing = labels.find((label) => !online.some((runner) => runner.labels.includes(label)));
  if (missing === undefined) return `${runnerWait(labels)}, but no runner online has all of them`;
  return labels.length === 1
    ? `${runnerWait(labels)}, but no runner online has it`
    : `${runnerWait(labels)}, but no runner online has the label ${missing}`;
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st … */
export function ordinal(place: number): string {
  const tens = place % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${suffix}`;
}
