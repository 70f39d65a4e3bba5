import type { StepAction } from "../../model/index.ts";
import { NotStarted, type StepDescription } from "../backend/port.ts";
import type { Ending } from "../state.ts";
import { endingOf, notStarted, type StepExecution } from "./execution.ts";

type Played = Exclude<StepAction, { type: "wait" | "cancel" }>;

/** Gives a whole step to an environment that executes nothing. */
export async function playStep(execution: StepExecution, action: Played): Promise<Ending> {
  const { job, log, signal } = execution;
  const description = { name: execution.name, ...(await describe(execution, action)) };
  try {
    const { exit } = await job.environment.start({
      description,
      args: [],
      cwd: job.environment.folders.workspace,
      env: execution.env,
      output: (bytes) => log.write([bytes]),
      signal,
      graceMs: job.ports.graceMs,
    });
    execution.up();
    return endingOf(await exit);
  } catch (error) {
    if (error instanceof NotStarted) return notStarted(error);
    throw error;
  }
}

async function describe(execution: StepExecution, action: Played): Promise<Pick<StepDescription, "kind" | "lines">> {
  switch (action.type) {
    case "run":
      return { kind: "commands", lines: [await execution.text(action.script)] };
    case "container":
      return action.commands === undefined
        ? { kind: "plugin", lines: [] }
        : { kind: "commands", lines: await execution.texts(action.commands) };
    case "typed":
      return { kind: action.kind === "checkout" ? "checkout" : "plugin", lines: [action.kind] };
    case "uses":
      return { kind: "plugin", lines: [await execution.text(action.reference)] };
  }
}
