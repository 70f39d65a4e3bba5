import { type Dialect, workflowPaths } from "../model/index.ts";
import { isActionsFile } from "./actions/path.ts";
import { isNativeFile } from "./native/path.ts";
import { isWoodpeckerFile } from "./woodpecker/path.ts";

// Without the front ends: the server asks these questions, and leaves reading to a thread that has loaded them.

/** The paths that the dialects read from a commit. */
export const workflowFiles = {
  /** A path that ends with `/` is a folder. */
  paths: workflowPaths,
  /** Whether a file of such a folder is a workflow, by its name. */
  wants: (name: string): boolean => /\.ya?ml$/.test(name),
};

/** The dialect whose files live at the path. */
export function dialectOf(path: string): Dialect | undefined {
  if (isActionsFile(path)) return "actions";
  if (isWoodpeckerFile(path)) return "woodpecker";
  return isNativeFile(path) ? "native" : undefined;
}
