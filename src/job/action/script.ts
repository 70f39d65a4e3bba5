import { resolve } from "node:path";
import type { StepAction } from "../../model/index.ts";
import type { Ending } from "../state.ts";
import type { Call } from "./call.ts";
import { resolveShell } from "./shell.ts";

/** Carries out `run:`: writes the script to a file and starts its shell on it. */
export function runScript(call: Call, action: Extract<StepAction, { type: "run" }>): Promise<Ending> {
  const { job } = call;
  const files = call.files();
  const contexts = call.contexts(files.context);
  const shell = resolveShell(action.shell === undefined ? "" : call.text(action.shell, contexts).trim(), call.path);
  const script = files.writeScript(shell.wrap(call.text(action.script, contexts)), shell.extension);
  return call.process({
    file: shell.file,
    args: shell.args.map((arg) => arg.replaceAll("{0}", script)),
    cwd: resolve(
      job.folders.workspace,
      action.workingDirectory === undefined ? "" : call.text(action.workingDirectory, contexts),
    ),
    files,
    keepsOutput: action.keepsOutput === true,
  });
}
