import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { WorkflowFile } from "../../dialect/index.ts";
import { SluiceError, messageOf, workflowPaths } from "../../model/index.ts";

const yaml = /\.ya?ml$/;
/** The metadata file of an action is next to workflows in some folders, and is not a workflow. */
const actionMetadata = /^action\.ya?ml$/;

/**
 * Reads the workflow files named on the command line. A folder stands for all its `*.yml` and `*.yaml` files, or, if it
 * is a project (it contains the dialects' folders), for its workflows. Without names, reads the project `dir`. Paths in
 * the result are relative to `dir`, with `/`. Rejects with `workflow-none` if there are none.
 */
export async function readWorkflows(dir: string, names: readonly string[]): Promise<readonly WorkflowFile[]> {
  const found =
    names.length === 0
      ? await search(dir)
      : (await Promise.all(names.map((name) => expandNamed(resolve(name))))).flat();
  return Promise.all(found.map((file) => read(dir, file)));
}

async function search(dir: string): Promise<readonly string[]> {
  const files = await inPlaces(dir);
  if (files.length > 0) return files;
  if (!(await isFolder(dir)))
    throw new SluiceError("not-found", `The folder ${dir} does not exist.`, {
      help: "Name a working tree with --dir.",
    });
  throw new SluiceError("workflow-none", `No workflows found in ${dir}.`);
}

/** The workflow files in the dialects' folders. */
async function inPlaces(dir: string): Promise<readonly string[]> {
  return (await Promise.all(workflowPaths.map((path) => expandIfThere(join(dir, path))))).flat();
}

async function expandNamed(path: string): Promise<readonly string[]> {
  const files = await expand(path);
  if (files.length === 1 && files[0] === path) return files;
  const placed = await inPlaces(path);
  if (placed.length > 0) return placed;
  if (files.length > 0) return files;
  throw new SluiceError("workflow-none", `No workflows found in ${path}.`);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function expandIfThere(path: string): Promise<readonly string[]> {
  try {
    return await expand(path);
  } catch (error) {
    if (error instanceof SluiceError && error.code === "not-found") return [];
    throw error;
  }
}

async function expand(path: string): Promise<readonly string[]> {
  let folder: boolean;
  try {
    folder = (await stat(path)).isDirectory();
  } catch (error) {
    throw new SluiceError("not-found", `Cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
      help: "Name a workflow file, or a folder of them.",
    });
  }
  if (!folder) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && yaml.test(entry.name) && !actionMetadata.test(entry.name))
    .map((entry) => join(path, entry.name))
    .toSorted();
}

async function read(dir: string, file: string): Promise<WorkflowFile> {
  try {
    return { path: relative(dir, file).split(sep).join("/"), text: await readFile(file, "utf8") };
  } catch (error) {
    throw new SluiceError("not-found", `Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
