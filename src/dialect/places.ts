import { workflowPaths } from "../model/index.ts";

/** Which files of a commit the dialects want to read, as a forge is asked for them. */
export const workflowFiles = {
  /** A path that ends with `/` is a folder. */
  paths: workflowPaths,
  /** Whether a file of such a folder is one, by its name. */
  wants: (name: string): boolean => /\.ya?ml$/.test(name),
};
