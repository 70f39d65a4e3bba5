import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { WorkflowFile } from "../../dialect/index.ts";
import { SluiceError, messageOf, workflowPaths } from "../../model/index.ts";

const yaml = /\.ya?ml$/;
/** The description of an action stands beside workflows in some folders, and is none. */
const actionMetadata = /^action\.ya?ml$/;

/**
 * Reads the workflow files that a call names. A folder stands for all its `*.yml` and `*.yaml`, or, when it is a project
 * (the dialects' own places are in it), for the workflows there; without a name, that is asked of `dir`. Paths in the
 * result are relative to `dir`, with `/`. Rejects with `workflow-none` where there are none.
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
    throw new SluiceError("not-found", `There is no folder ${dir}.`, { help: "Name a working tree with --dir." });
  throw new SluiceError("workflow-none", `There is no workflow below ${dir}.`);
}

/** The workflow files where the dialects keep theirs. */
async function inPlaces(dir: string): Promise<readonly string[]> {
  return (await Promise.all(workflowPaths.map((path) => expandIfThere(join(dir, path))))).flat();
}

async function expandNamed(path: string): Promise<readonly string[]> {
  const files = await expand(path);
  if (files.length === 1 && files[0] === path) return files;
  const placed = await inPlaces(path);
  if (placed.length > 0) return placed;
  if (files.length > 0) return files;
  throw new SluiceError("workflow-none", `There is no workflow in ${path}.`);
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
    throw new SluiceError("not-found", `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      help: "Name a workflow file, or a folder that holds some.",
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
    throw new SluiceError("not-found", `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
