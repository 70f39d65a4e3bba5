import { createHash } from "node:crypto";
import { lstatSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { Call } from "../action/call.ts";
import type { Inputs } from "../action/inputs.ts";
import { findFiles, isWithin, matcherOf } from "../archive/glob.ts";
import { pack, type Packed } from "../archive/pack.ts";
import { unpack, usualLimits } from "../archive/unpack.ts";
import { Effects } from "../output/effects.ts";
import type { StepLog } from "../output/log.ts";
import type { Ending } from "../state.ts";
import { orAborted } from "./abort.ts";

const done: Ending = { status: "success", exitCode: 0 };

/** `actions/cache`, built in: restores now, and saves after the job's steps when they succeeded and the key was new. https://github.com/actions/cache#usage */
export async function cache(call: Call, inputs: Inputs): Promise<Ending> {
  const exact = await restore(call, inputs);
  if (!exact && inputs["lookup-only"]?.toLowerCase() !== "true") {
    call.frame.posts.push({
      id: call.step.id,
      name: call.name.replace(/^Run /, ""),
      condition: "success()",
      run: ({ log, signal }) => orAborted(saveInto(call, inputs, log), signal),
    });
  }
  return done;
}

/** `actions/cache/restore`, built in. */
export async function restoreCache(call: Call, inputs: Inputs): Promise<Ending> {
  await restore(call, inputs);
  return done;
}

/** `actions/cache/save`, built in. */
export function saveCache(call: Call, inputs: Inputs): Promise<Ending> {
  return saveInto(call, inputs, call.log);
}

async function restore(call: Call, inputs: Inputs): Promise<boolean> {
  const { key, paths, version } = asked(inputs);
  const others = (inputs["restore-keys"] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  call.effects.setOutput("cache-primary-key", key);
  const hit = await call.job.ports.transfers.restoreCache(key, others, version);
  if (hit === undefined) {
    if (inputs["fail-on-cache-miss"]?.toLowerCase() === "true")
      throw new SluiceError("not-found", `There is no cache for the key ${key}.`, {
        help: "Leave `fail-on-cache-miss` out to go on without one.",
      });
    call.log.line(`There is no cache for ${[key, ...others].join(", ")}.`);
    call.effects.setOutput("cache-hit", "");
    return false;
  }
  const roots = paths.map((path) => rootOf(call, path));
  if (inputs["lookup-only"]?.toLowerCase() === "true") await hit.content[Symbol.asyncIterator]().return?.();
  else {
    const { files, bytes } = await unpack(hit.content, {
      place: (name) => placeOf(name, roots),
      links: true,
      ...usualLimits,
    });
    call.log.line(`Restored ${files} entries (${bytes} bytes) of the cache ${hit.key}.`);
  }
  call.effects.setOutput("cache-hit", String(hit.exact));
  call.effects.setOutput("cache-matched-key", hit.key);
  return hit.exact;
}

/** Saves what is there. A cache only saves time: when it cannot be saved, as when a file goes away meanwhile, that is a warning, as on GitHub. */
async function saveInto(call: Call, inputs: Inputs, log: StepLog): Promise<Ending> {
  const { key, paths, version } = asked(inputs);
  try {
    const files = collected(call, paths);
    if (files.length === 0) {
      log.line(`None of ${paths.join(", ")} exists: there is nothing to save.`);
      return done;
    }
    const saved = await call.job.ports.transfers.saveCache(key, version, pack(files, { level: 6, links: true }));
    log.line(
      saved ? `Saved ${files.length} entries as the cache ${key}.` : `The cache ${key} exists already and is kept.`,
    );
  } catch (error) {
    const message = `The cache ${key} could not be saved: ${messageOf(error)}`;
    log.warning(message);
    new Effects(call.job, log).annotate({ level: "warning", message });
  }
  return done;
}

function asked(inputs: Inputs): { readonly key: string; readonly paths: readonly string[]; readonly version: string } {
  const key = inputs["key"] ?? "";
  const paths = (inputs["path"] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (key === "" || paths.length === 0) throw new SluiceError("workflow-schema", "A cache needs a `key` and a `path`.");
  if (key.length > 512 || Buffer.byteLength(key) > 1024 || key.includes(","))
    throw new SluiceError(
      "workflow-schema",
      `The cache's key "${key.slice(0, 80)}" is longer than 512 characters or 1024 bytes, or has a comma.`,
    );
  // The archive's names stand for these paths: with others it must not be restored.
  const version = createHash("sha256")
    .update(JSON.stringify([1, process.platform, paths]))
    .digest("hex");
  return { key, paths, version };
}

/** The plain folder (or file) that a path of a cache begins at; the workspace's own place differs from job to job. */
function rootOf(call: Call, path: string): string {
  const plain = path.split("/").slice(0, plainParts(path)).join("/");
  const home = plain === "~" || plain.startsWith("~/") ? homedir() + plain.slice(1) : plain;
  return resolve(call.job.folders.workspace, home);
}

function plainParts(path: string): number {
  const at = path.split("/").findIndex((part) => /[*?[{]/.test(part));
  return at < 0 ? path.split("/").length : at;
}

/** Names in the archive: the number of the path, and what is below its root. What a path with `!` names, or what is in it, stays out. */
function collected(call: Call, paths: readonly string[]): readonly Packed[] {
  const { folders } = call.job;
  const excluded = matcherOf(
    paths.filter((path) => path.startsWith("!")).map((path) => path.slice(1)),
    folders.workspace,
  );
  return paths
    .flatMap((path, index) => (path.startsWith("!") ? [] : named(call, path, index)))
    .filter((each) => !excluded(each.path));
}

function named(call: Call, path: string, index: number): readonly Packed[] {
  const { folders } = call.job;
  const root = rootOf(call, path);
  const name = (file: string): string =>
    [String(index), ...relative(root, file).split(sep)].filter((part) => part !== "").join("/");
  if (plainParts(path) < path.split("/").length) {
    return findFiles([path], { base: folders.workspace, hidden: true, follow: false }).files.map((file) => ({
      path: file,
      name: name(file),
    }));
  }
  if (lstatSync(root, { throwIfNoEntry: false }) === undefined) return [];
  return everything(root, folders.root).map((file) => ({ path: file, name: name(file) }));
}

/** A folder with all that is in it, empty folders and links included. */
function everything(path: string, jobRoot: string): readonly string[] {
  const stat = lstatSync(path);
  if (stat.isFile() || stat.isSymbolicLink()) return [path];
  if (!stat.isDirectory() || isWithin(path, join(jobRoot, "temp"))) return [];
  return [path, ...readdirSync(path).flatMap((name) => everything(join(path, name), jobRoot))];
}

function placeOf(name: string, roots: readonly string[]): { readonly root: string; readonly path: string } | undefined {
  const [number = "", ...rest] = name.split("/");
  const root = /^\d+$/.test(number) ? roots[Number(number)] : undefined;
  if (root === undefined) return undefined;
  // A path that is a single file: its folder is the root, and it may write nothing else there.
  return rest.length === 0 && statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true
    ? { root: join(root, ".."), path: root.slice(join(root, "..").length) }
    : { root, path: rest.join("/") };
}
