import { workflowPaths } from "../model/index.ts";

/** The paths that the dialects read from a commit. */
export const workflowFiles = {
  /** A path that ends with `/` is a folder. */
  paths: workflowPaths,
  /** Whether a file of such a folder is a workflow, by its name. */
  wants: (name: string): boolean => /\.ya?ml$/.test(name),
};
