import { setTimeout as sleep } from "node:timers/promises";
import type { Call } from "../../action/call.ts";
import { endOfJob, type Ending } from "../../state.ts";
import { parseDuration } from "./duration.ts";

/** The exit code of a step that was cancelled while it slept, as the shell has it for an interrupt. */
const cancelledCode = 130;
const outOfMemoryCode = 137;

/**
 * Carries out nothing. The step's own variables script its fate, as for Woodpecker's dummy backend:
 * SLEEP (a Go duration), STEP_EXIT_CODE, STEP_START_FAIL, STEP_OOM_KILLED, STEP_TAIL_FAIL and EXPECT_TYPE.
 */
export async function runDummy(call: Call, up: () => void): Promise<Ending> {
  const { type, lines } = describe(call);
  return pretend({
    type,
    name: call.name,
    lines,
    env: call.env,
    signal: call.signal,
    up,
    print: (text) => call.log.write([Buffer.from(text)]),
  });
}

export interface Pretence {
  /** A detached step is what it would be otherwise; only a service is a service. */
  readonly type: "commands" | "plugin" | "service" | "clone";
  readonly name: string;
  readonly lines: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called when it has started. */
  up(): void;
  print(text: string): Promise<void> | void;
}

/** Plays one step or service by its variables. Whether it starts is known when this returns, before it is awaited. */
export async function pretend(step: Pretence): Promise<Ending> {
  const { env } = step;
  if (isTrue(env["STEP_START_FAIL"])) return fails("expected fail to start step");
  const expected = env["EXPECT_TYPE"];
  if (expected !== undefined && expected !== step.type)
    return fails(`expected step type '${expected}' but got '${step.type}'`);
  // Upstream, a step whose log cannot be followed counts as one that did not start.
  if (isTrue(env["STEP_TAIL_FAIL"])) return fails("expected fail to read stdout of step");
  step.up();
  await step.print(
    `StepName: ${step.name}\nStepType: ${step.type}\nStepCommands:\n------------------\n${step.lines.join("\n")}\n------------------\n`,
  );
  const pause = env["SLEEP"];
  if (pause !== undefined) {
    const milliseconds = parseDuration(pause);
    if (milliseconds === undefined) return fails(`SLEEP is not a duration: '${pause}'`);
    if (!(await sleeps(milliseconds, step.signal)) && step.signal.reason !== endOfJob)
      return { status: "cancelled", exitCode: cancelledCode };
  }
  const code = Number.parseInt(env["STEP_EXIT_CODE"]?.trim() ?? "0", 10);
  if (isTrue(env["STEP_OOM_KILLED"]))
    return {
      status: "failure",
      exitCode: code === 0 || Number.isNaN(code) ? outOfMemoryCode : code,
      reason: "out of memory",
    };
  return code === 0 || Number.isNaN(code) ? { status: "success", exitCode: 0 } : { status: "failure", exitCode: code };
}

function fails(reason: string): Ending {
  return { status: "failure", reason, notStarted: true };
}

/** False when it was cut short. */
async function sleeps(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(Math.max(0, milliseconds), undefined, { signal });
    return true;
  } catch {
    // Only an abort ends it early.
    return false;
  }
}

function describe(call: Call): { readonly type: Pretence["type"]; readonly lines: readonly string[] } {
  const { action } = call.step;
  switch (action.type) {
    case "run":
      return { type: "commands", lines: [call.text(action.script)] };
    case "container":
      return action.commands === undefined
        ? { type: "plugin", lines: [] }
        : { type: "commands", lines: action.commands.map((line) => call.text(line)) };
    case "typed":
      return { type: action.kind === "checkout" ? "clone" : "plugin", lines: [action.kind] };
    case "uses":
      return { type: "plugin", lines: [call.text(action.reference)] };
    case "wait":
    case "cancel":
      return { type: "commands", lines: [] };
  }
}

/** Go's words for true. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ["1", "t", "T", "TRUE", "true", "True"].includes(text);
}
