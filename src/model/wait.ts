import * as z from "zod";

/** A run that holds a concurrency group. */
const holder = z.object({ id: z.string(), number: z.number().int(), title: z.string() });

/**
 * What something waits for. The engine says what; `place`, `heldBy` and `missing` are added for display, because they
 * change without it.
 */
export const waitSchema = z
  .discriminatedUnion("for", [
    z.object({
      for: z.literal("jobs"),
      /** Unfinished needed jobs: `open` of the `cells` of a matrix. */
      jobs: z.array(z.object({ job: z.string(), name: z.string(), open: z.number().int(), cells: z.number().int() })),
    }),
    z.object({ for: z.literal("workflows"), workflows: z.array(z.string()) }),
    /** A free place in its matrix. */
    z.object({ for: z.literal("slot"), maxParallel: z.number().int() }),
    z.object({
      for: z.literal("group"),
      group: z.string(),
      /** 1 is next. */
      place: z.number().int().optional(),
      /** Runs of the same repository that must finish first. */
      heldBy: z.array(holder).optional(),
    }),
    z.object({
      for: z.literal("runner"),
      labels: z.array(z.string()),
      /** Position among the jobs with the same labels; 1 is next. */
      place: z.number().int().optional(),
      /** Why no online runner can take it: none is online, none has `label`, or none has all labels together. */
      missing: z
        .discriminatedUnion("what", [
          z.object({ what: z.literal("runner") }),
          z.object({ what: z.literal("label"), label: z.string() }),
          z.object({ what: z.literal("combination") }),
        ])
        .optional(),
    }),
  ])
  .meta({ id: "Wait" });
export type Wait = z.infer<typeof waitSchema>;
type WaitFor<K extends Wait["for"]> = Extract<Wait, { for: K }>;

/** The wait in words: `jobs build, test`, `a runner with label linux; 2nd in the queue`. */
export function waitText(wait: Wait): string {
  switch (wait.for) {
    case "jobs":
      return listed(wait.jobs.length > 1 ? "jobs" : "job", wait.jobs.map(needText));
    case "workflows":
      return listed(wait.workflows.length > 1 ? "workflows" : "workflow", wait.workflows);
    case "slot":
      return `a free place in its matrix (max-parallel ${wait.maxParallel})`;
    case "group":
      return groupText(wait);
    case "runner":
      return `${runnerText(wait)}${queueText(wait.place)}`;
  }
}

function needText({ job, name, open, cells }: WaitFor<"jobs">["jobs"][number]): string {
  return cells === 1 ? name : `${job} (${open} of ${cells})`;
}

function groupText({ group, heldBy = [], place }: WaitFor<"group">): string {
  const held = heldBy.map(({ number }) => String(number));
  const by = held.length === 0 ? "" : `, held by ${held.length === 1 ? "run" : "runs"} ${held.join(", ")}`;
  return `concurrency group ${group}${by}${queueText(place)}`;
}

function runnerText({ labels, missing }: WaitFor<"runner">): string {
  const wanted =
    labels.length === 0 ? "a runner" : `a runner with ${labels.length > 1 ? "labels" : "label"} ${labels.join(", ")}`;
  if (missing === undefined) return wanted;
  if (missing.what === "runner") return `${wanted}, but no runner is online`;
  if (missing.what === "combination") return `${wanted}, but no runner online has all of them`;
  return labels.length === 1
    ? `${wanted}, but no runner online has it`
    : `${wanted}, but no runner online has the label ${missing.label}`;
}

function queueText(place: number | undefined): string {
  return place === undefined ? "" : `; ${ordinal(place)} in the queue`;
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st … */
function ordinal(place: number): string {
  const tens = place % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${suffix}`;
}

function listed(noun: string, names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${noun} ${shown.join(", ")}`;
}
