import { resolve } from "node:path";
import type { StepAction } from "../../model/index.ts";
import type { Ending } from "../state.ts";
import type { StepExecution } from "./execution.ts";
import { resolveShell } from "./shell.ts";

/** Runs `run:`: writes the script to a file and starts its shell on it. */
export async function runScript(
  execution: StepExecution,
  action: Extract<StepAction, { type: "run" }>,
): Promise<Ending> {
  const { environment } = execution.job;
  const files = execution.files();
  const contexts = execution.contexts(files.context);
  const written = action.shell === undefined ? "" : (await execution.text(action.shell, contexts)).trim();
  const shell = await resolveShell(environment, written, execution.path);
  const script = await execution.text(action.script, contexts);
  const path = files.script(shell.wrap(script), shell.extension);
  return execution.run({
    description: { kind: "commands", name: execution.name, lines: [script] },
    program: shell.program,
    args: shell.args.map((arg) => arg.replaceAll("{0}", path)),
    cwd: resolve(
      environment.folders.workspace,
      action.workingDirectory === undefined ? "" : await execution.text(action.workingDirectory, contexts),
    ),
    files,
    keepsOutput: action.keepsOutput === true,
  });
}
