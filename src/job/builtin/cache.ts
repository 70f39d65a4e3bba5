import { createHash } from "node:crypto";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { StepExecution } from "../action/execution.ts";
import type { Inputs } from "../action/inputs.ts";
import { pack, unpack, usualLimits } from "../archive/compressed.ts";
import { isWithin } from "../archive/paths.ts";
import { findFiles, matcherOf } from "../archive/search.ts";
import type { Entry, FileToPack, UnpackOptions } from "../backend/files.ts";
import type { Environment } from "../backend/port.ts";
import { Effects } from "../output/effects.ts";
import type { StepLog } from "../output/log.ts";
import type { Ending } from "../state.ts";
import { orAborted } from "./abort.ts";

const done: Ending = { status: "success", exitCode: 0 };

/**
 * `actions/cache`, built in: restores now, and saves after the job's steps if they succeeded and the key was new.
 * https://github.com/actions/cache#usage
 */
export async function cache(execution: StepExecution, inputs: Inputs): Promise<Ending> {
  const exact = await restore(execution, inputs);
  if (!exact && inputs["lookup-only"]?.toLowerCase() !== "true") {
    execution.frame.posts.push({
      id: execution.step.id,
      name: execution.name.replace(/^Run /, ""),
      condition: "success()",
      run: ({ log, signal }) => orAborted(saveInto(execution, inputs, log), signal),
    });
  }
  return done;
}

/** `actions/cache/restore`, built in. */
export async function restoreCache(execution: StepExecution, inputs: Inputs): Promise<Ending> {
  await restore(execution, inputs);
  return done;
}

/** `actions/cache/save`, built in. */
export function saveCache(execution: StepExecution, inputs: Inputs): Promise<Ending> {
  return saveInto(execution, inputs, execution.log);
}

async function restore(execution: StepExecution, inputs: Inputs): Promise<boolean> {
  const { environment } = execution.job;
  const { key, paths, version } = asked(inputs, environment);
  const others = (inputs["restore-keys"] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  execution.effects.setOutput("cache-primary-key", key);
  const hit = await execution.job.ports.transfers.restoreCache(key, others, version);
  if (hit === undefined) {
    if (inputs["fail-on-cache-miss"]?.toLowerCase() === "true")
      throw new SluiceError("not-found", `No cache found for the key ${key}.`, {
        help: "Remove `fail-on-cache-miss` to continue without one.",
      });
    execution.log.line(`No cache found for ${[key, ...others].join(", ")}.`);
    execution.effects.setOutput("cache-hit", "");
    return false;
  }
  const roots = paths.map((path) => rootOf(environment, path));
  if (inputs["lookup-only"]?.toLowerCase() === "true") await hit.content[Symbol.asyncIterator]().return?.();
  else {
    const { files, bytes } = await unpack(environment, hit.content, {
      place: await placesOf(environment, roots),
      links: "inside",
      ...usualLimits,
    });
    execution.log.line(`Restored ${files} entries (${bytes} bytes) from the cache ${hit.key}.`);
  }
  execution.effects.setOutput("cache-hit", String(hit.exact));
  execution.effects.setOutput("cache-matched-key", hit.key);
  return hit.exact;
}

/**
 * Saves what exists. A cache only saves time: if it cannot be saved, for example because a file disappears, that is a
 * warning, as on GitHub.
 */
async function saveInto(execution: StepExecution, inputs: Inputs, log: StepLog): Promise<Ending> {
  const { environment } = execution.job;
  const { key, paths, version } = asked(inputs, environment);
  try {
    const files = await collected(environment, paths);
    if (files.length === 0) {
      log.line(`None of ${paths.join(", ")} exists: nothing to save.`);
      return done;
    }
    const saved = await execution.job.ports.transfers.saveCache(
      key,
      version,
      pack(environment, files, { level: 6, links: true }),
    );
    log.line(
      saved ? `Saved ${files.length} entries as the cache ${key}.` : `The cache ${key} already exists and is kept.`,
    );
  } catch (error) {
    const message = `Cannot save the cache ${key}: ${messageOf(error)}`;
    log.warning(message);
    new Effects(execution.job, log).annotate({ level: "warning", message });
  }
  return done;
}

function asked(
  inputs: Inputs,
  { system }: Environment,
): { readonly key: string; readonly paths: readonly string[]; readonly version: string } {
  const key = inputs["key"] ?? "";
  const paths = (inputs["path"] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (key === "" || paths.length === 0) throw new SluiceError("workflow-schema", "A cache needs a `key` and a `path`.");
  if (key.length > 512 || Buffer.byteLength(key) > 1024 || key.includes(","))
    throw new SluiceError(
      "workflow-schema",
      `The cache key "${key.slice(0, 80)}" is longer than 512 characters or 1024 bytes, or contains a comma.`,
    );
  // The archive's names belong to these paths: it must not be restored with others.
  const version = createHash("sha256")
    .update(JSON.stringify([1, system.platform.split("/")[0], paths]))
    .digest("hex");
  return { key, paths, version };
}

/** The literal folder (or file) at the start of a cache path; the workspace's location differs from job to job. */
function rootOf({ folders }: Environment, path: string): string {
  const plain = path.split("/").slice(0, plainParts(path)).join("/");
  const expanded = plain === "~" || plain.startsWith("~/") ? folders.home + plain.slice(1) : plain;
  return resolve(folders.workspace, expanded);
}

function plainParts(path: string): number {
  const at = path.split("/").findIndex((part) => /[*?[{]/.test(part));
  return at < 0 ? path.split("/").length : at;
}

/**
 * Names in the archive: the index of the path, and the name below its root. Anything matched by a `!` path stays out.
 */
async function collected(environment: Environment, paths: readonly string[]): Promise<readonly FileToPack[]> {
  const { workspace, home } = environment.folders;
  const excluded = matcherOf(
    paths.filter((path) => path.startsWith("!")).map((path) => path.slice(1)),
    { base: workspace, home },
  );
  const found: FileToPack[] = [];
  for (const [index, path] of paths.entries())
    if (!path.startsWith("!")) found.push(...(await named(environment, path, index)));
  return found.filter((each) => !excluded(each.path));
}

async function named(environment: Environment, path: string, index: number): Promise<readonly FileToPack[]> {
  const { workspace } = environment.folders;
  const root = rootOf(environment, path);
  const files =
    plainParts(path) < path.split("/").length
      ? (await findFiles(environment, [path], { base: workspace, hidden: true, follow: false })).files
      : await everything(environment, root);
  return files.map((file) => ({
    path: file.path,
    name: [String(index), ...relative(root, file.path).split(sep)].filter((part) => part !== "").join("/"),
  }));
}

/**
 * A folder with everything in it, including empty folders and links. Files of steps and the runner in the temporary
 * folder are excluded.
 */
async function everything(environment: Environment, path: string): Promise<readonly Entry[]> {
  const entries = await environment.list(path, { hidden: true });
  return entries.filter((entry) => entry.kind !== "other" && !isWithin(entry.path, environment.folders.temp));
}

/** Where the names of an archive belong. */
async function placesOf(environment: Environment, roots: readonly string[]): Promise<UnpackOptions["place"]> {
  const entries = await environment.stat(roots);
  return (name) => {
    const [number = "", ...rest] = name.split("/");
    const root = /^\d+$/.test(number) ? roots[Number(number)] : undefined;
    if (root === undefined) return undefined;
    // A path that is a single file: its folder is the root, and nothing else may be written there.
    return rest.length === 0 && entries[Number(number)]?.kind !== "folder"
      ? { root: dirname(root), path: basename(root) }
      : { root, path: rest.join("/") };
  };
}
