import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { WorkflowFile } from "../../dialect/index.ts";
import { SluiceError, messageOf, workflowPaths } from "../../model/index.ts";

const yaml = /\.ya?ml$/;
/** The metadata file of an action is next to workflows in some folders, and is not a workflow. */
const actionMetadata = /^action\.ya?ml$/;

/**
 * Reads the workflow files named on the command line. A folder stands for all its `*.yml` and `*.yaml` files, or, if it
 * is a project (it contains the dialects' folders), for its workflows. Without names, reads the project `dir`. Paths in
 * the result are relative to `dir`, with `/`. Throws `workflow-none` if there are none.
 */
export function readWorkflows(dir: string, names: readonly string[]): readonly WorkflowFile[] {
  const found = names.length === 0 ? search(dir) : names.flatMap((name) => expandNamed(resolve(name)));
  return found.map((file) => read(dir, file));
}

function search(dir: string): readonly string[] {
  const files = inPlaces(dir);
  if (files.length > 0) return files;
  if (!isFolder(dir))
    throw new SluiceError("not-found", `The folder ${dir} does not exist.`, {
      help: "Name a working tree with --dir.",
    });
  throw new SluiceError("workflow-none", `No workflows found in ${dir}.`);
}

/** The workflow files in the dialects' folders. */
function inPlaces(dir: string): readonly string[] {
  return workflowPaths.flatMap((path) => expandIfThere(join(dir, path)));
}

function expandNamed(path: string): readonly string[] {
  const files = expand(path);
  if (files.length === 1 && files[0] === path) return files;
  const placed = inPlaces(path);
  if (placed.length > 0) return placed;
  if (files.length > 0) return files;
  throw new SluiceError("workflow-none", `No workflows found in ${path}.`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // A folder above it may not be entered.
    return false;
  }
}

/** Most places of the dialects are missing: an exception for each would take longer than the rest. */
function expandIfThere(path: string): readonly string[] {
  return existsSync(path) ? expand(path) : [];
}

function expand(path: string): readonly string[] {
  let folder: boolean;
  try {
    folder = statSync(path).isDirectory();
  } catch (error) {
    throw new SluiceError("not-found", `Cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
      help: "Name a workflow file, or a folder of them.",
    });
  }
  if (!folder) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && yaml.test(entry.name) && !actionMetadata.test(entry.name))
    .map((entry) => join(path, entry.name))
    .toSorted();
}

function read(dir: string, file: string): WorkflowFile {
  try {
    return { path: relative(dir, file).split(sep).join("/"), text: readFileSync(file, "utf8") };
  } catch (error) {
    throw new SluiceError("not-found", `Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
