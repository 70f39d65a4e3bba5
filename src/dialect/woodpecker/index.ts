import type { DialectFrontEnd } from "../port.ts";
import { compileWorkflow } from "./compile.ts";
import { lintWorkflow } from "./lint.ts";
import { isWoodpeckerFile } from "./path.ts";
import { schedulesOf } from "./schedules.ts";

export { isCronLine } from "./when.ts";

/**
 * The Woodpecker dialect: `.woodpecker.yml` and the files in `.woodpecker/`. Compiling a file decides everything that
 * depends on the event (`${…}`, `when`, the matrix); only `status` is decided during the run.
 */
export const woodpecker: DialectFrontEnd = {
  owns: isWoodpeckerFile,
  compile: compileWorkflow,
  lint: lintWorkflow,
  schedules: schedulesOf,
};
