import type { DialectFrontEnd } from "../port.ts";
import { compileWorkflow } from "./compile.ts";
import { lintWorkflow } from "./lint.ts";
import { isWoodpeckerFile } from "./path.ts";
import { schedulesOf } from "./schedules.ts";

export { isCronLine } from "./when.ts";

/**
 * The Woodpecker dialect: `.woodpecker.yml` and the files in `.woodpecker/`. What depends on the event is decided
 * when a file is compiled (`${…}`, `when`, the matrix); only `status` is left to the run.
 */
export const woodpecker: DialectFrontEnd = {
  owns: isWoodpeckerFile,
  compile: compileWorkflow,
  lint: lintWorkflow,
  schedules: schedulesOf,
};
