import { setTimeout as sleep } from "node:timers/promises";
import { endOfJob, NotStarted, type Exit, type Started, type StepDescription } from "../port.ts";
import { parseDuration } from "./duration.ts";

/** The exit code of a step cancelled while sleeping, the same as a shell's after an interrupt. */
const cancelledCode = 130;
const outOfMemoryCode = 137;

/** A step or service that is simulated. */
export interface Part {
  readonly description: StepDescription;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  output(bytes: Uint8Array): Promise<void> | void;
}

/**
 * Simulates a step by its own variables, like Woodpecker's dummy backend: SLEEP (a Go duration), STEP_EXIT_CODE,
 * STEP_START_FAIL, STEP_OOM_KILLED, STEP_TAIL_FAIL and EXPECT_TYPE. A detached step has the same type as otherwise.
 * @throws NotStarted if they say so.
 */
export async function play(part: Part): Promise<Started> {
  const { description, env } = part;
  if (isTrue(env["STEP_START_FAIL"])) throw notStarted("expected fail to start step");
  const type = types[description.kind];
  const expected = env["EXPECT_TYPE"];
  if (expected !== undefined && expected !== type)
    throw notStarted(`expected step type '${expected}' but got '${type}'`);
  // Upstream, a step whose log cannot be followed counts as not started.
  if (isTrue(env["STEP_TAIL_FAIL"])) throw notStarted("expected fail to read stdout of step");
  const pause = parseDuration(env["SLEEP"] ?? "0");
  if (pause === undefined) throw notStarted(`SLEEP is not a duration: '${env["SLEEP"]}'`);
  return { exit: untilExit(part, type, pause) };
}

/** Woodpecker's types. */
const types = { commands: "commands", plugin: "plugin", service: "service", checkout: "clone" } as const;

async function untilExit({ description, env, signal, output }: Part, type: string, pauseMs: number): Promise<Exit> {
  const { name, lines } = description;
  await output(
    Buffer.from(
      `StepName: ${name}\nStepType: ${type}\nStepCommands:\n------------------\n${lines.join("\n")}\n------------------\n`,
    ),
  );
  const slept = await sleeps(pauseMs, signal);
  // Stopped at the end of the job, it ends as it would have.
  if (!slept && signal.reason !== endOfJob) return { code: cancelledCode, stopped: true, quiet: true };
  const code = Number.parseInt(env["STEP_EXIT_CODE"]?.trim() ?? "0", 10) || 0;
  if (!isTrue(env["STEP_OOM_KILLED"])) return { code, stopped: false, quiet: true };
  return { code: code === 0 ? outOfMemoryCode : code, outOfMemory: true, stopped: false, quiet: true };
}

function notStarted(reason: string): NotStarted {
  return new NotStarted("environment", reason);
}

/** False if it was cut short. */
async function sleeps(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (milliseconds <= 0) return true;
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    // Only an abort ends it early.
    return false;
  }
}

/** Go's words for true. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ["1", "t", "T", "TRUE", "true", "True"].includes(text);
}
