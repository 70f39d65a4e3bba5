import type { DialectFrontEnd } from "../port.ts";
import { compileWorkflow, lintWorkflow, schedulesOf } from "./compile.ts";
import { isNativeFile } from "./path.ts";

/**
 * The native dialect: `.sluice/*.yml`, triggers and typed steps, one job per file.
 *
 * Templates: `{{ name }}` and `${name}` insert a field of the event (the table in `fields.ts`), `inputs.NAME`,
 * `vars.NAME`, `secrets.NAME`, `env.NAME`, or `STEP.KEY`, an output of an earlier step by its name or id; `${{ … }}` is
 * an expression over `event`, `inputs`, `vars`, `secrets`, `env` and `steps`. A step's outputs are what it writes to
 * the file `GITHUB_OUTPUT`, `outcome` and `conclusion`, and, if a template names it, `raw_output`: what its command
 * prints. In commands outside text never becomes part of the script: see `command.ts`.
 */
export const native: DialectFrontEnd = {
  owns: isNativeFile,
  compile: compileWorkflow,
  lint: lintWorkflow,
  schedules: schedulesOf,
};
