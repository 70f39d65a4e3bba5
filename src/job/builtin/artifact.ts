import { createHash } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { Call } from "../action/call.ts";
import type { Inputs } from "../action/inputs.ts";
import { findFiles, isWithin } from "../archive/glob.ts";
import { pack } from "../archive/pack.ts";
import { unpack, usualLimits } from "../archive/unpack.ts";
import type { Ending } from "../state.ts";

const done: Ending = { status: "success", exitCode: 0 };

/** `actions/upload-artifact`, built in. Inputs and outputs: https://github.com/actions/upload-artifact#usage */
export async function uploadArtifact(call: Call, inputs: Inputs): Promise<Ending> {
  const { workspace } = call.job.folders;
  const name = nameOf(inputs["name"] ?? "");
  const patterns = (inputs["path"] ?? "").split("\n");
  if (patterns.every((line) => line.trim() === ""))
    throw new SluiceError("workflow-schema", "The artifact's `path` is empty.", {
      help: "Name files, folders or patterns, one a line.",
    });
  const { files, roots } = findFiles(patterns, {
    base: workspace,
    hidden: inputs["include-hidden-files"]?.toLowerCase() === "true",
    follow: true,
  });
  if (files.length === 0) return nothingFound(call, inputs["if-no-files-found"] ?? "warn", patterns);
  const root = commonFolder(roots);
  const hash = createHash("sha256");
  const content = hashed(
    pack(
      files.map((path) => ({ path, name: relative(root, path).split(sep).join("/") })),
      { level: levelOf(inputs["compression-level"] ?? ""), links: false },
    ),
    hash,
  );
  const days = Number(inputs["retention-days"] ?? "");
  const { bytes } = await call.job.ports.transfers.uploadArtifact(name, content, {
    overwrite: inputs["overwrite"]?.toLowerCase() === "true",
    ...(days > 0 ? { retentionDays: days } : {}),
  });
  call.effects.setOutput("artifact-id", name);
  call.effects.setOutput("artifact-digest", hash.digest("hex"));
  call.effects.setOutput("artifact-url", call.job.assignment.run.url ?? "");
  call.log.line(`The artifact ${name} holds ${files.length} file${files.length === 1 ? "" : "s"} in ${bytes} bytes.`);
  return done;
}

/** `actions/download-artifact`, built in. Inputs and outputs: https://github.com/actions/download-artifact#usage */
export async function downloadArtifact(call: Call, inputs: Inputs): Promise<Ending> {
  const { transfers } = call.job.ports;
  const run = inputs["run-id"] ?? "";
  if (run !== "" && run !== call.job.assignment.run.id)
    throw new SluiceError("workflow-unsupported", "download-artifact can take artifacts of its own run only.", {
      help: "Leave `run-id` out.",
    });
  const target = resolve(call.job.folders.workspace, inputs["path"] ?? "");
  const single = inputs["name"] ?? "";
  const wanted = single === "" ? await chosen(call, inputs) : [single];
  const flat = single !== "" || inputs["merge-multiple"]?.toLowerCase() === "true";
  mkdirSync(target, { recursive: true });
  for (const name of wanted) {
    const root = flat ? target : resolve(target, nameOf(name));
    const { files, bytes } = await unpack(await contentOf(call, name), {
      place: (path) => ({ root, path }),
      links: false,
      ...usualLimits,
    });
    call.log.line(`Took ${files} file${files === 1 ? "" : "s"} (${bytes} bytes) out of the artifact ${name}.`);
  }
  if (wanted.length === 0)
    call.log.warning(`The run has no artifact that fits; ${(await transfers.listArtifacts()).length} in all.`);
  call.effects.setOutput("download-path", target);
  return done;
}

async function chosen(call: Call, inputs: Inputs): Promise<readonly string[]> {
  const names = (await call.job.ports.transfers.listArtifacts()).map((artifact) => artifact.name);
  const ids = (inputs["artifact-ids"] ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  if (ids.length > 0) return names.filter((name) => ids.includes(name));
  const pattern = inputs["pattern"] ?? "";
  return pattern === "" ? names : names.filter((name) => picomatch.isMatch(name, pattern));
}

async function contentOf(call: Call, name: string): Promise<AsyncIterable<Uint8Array>> {
  const { transfers } = call.job.ports;
  try {
    return await transfers.downloadArtifact(name);
  } catch (error) {
    const known = (await transfers.listArtifacts()).map((artifact) => artifact.name);
    if (known.includes(name)) throw error;
    throw new SluiceError("not-found", `The run has no artifact ${name}: ${messageOf(error)}`, {
      help: `It has ${known.join(", ") || "none"}. Does the job that uploads it come first (\`needs\`)?`,
      cause: error,
    });
  }
}

function nothingFound(call: Call, choice: string, patterns: readonly string[]): Ending {
  const text = `No file matches ${patterns
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(", ")}; there is nothing to upload.`;
  if (choice === "error")
    throw new SluiceError("not-found", text, {
      help: "Check `path`: it is relative to the workspace, and hidden files need `include-hidden-files: true`.",
    });
  if (choice === "warn") {
    call.log.warning(text);
    call.effects.annotate({ level: "warning", message: text });
  } else call.log.line(text);
  return done;
}

/** GitHub allows what is a file name on every system. */
function nameOf(name: string): string {
  const given = name === "" ? "artifact" : name;
  if (/["<>|*?\r\n\\/:\0]/.test(given) || given === "." || given === "..")
    throw new SluiceError("workflow-schema", `"${given}" cannot be the name of an artifact.`, {
      help: 'Leave out " < > | * ? : / \\ and line breaks.',
    });
  return given;
}

/** Where names in the archive begin: the folder that all patterns have in common. */
function commonFolder(roots: readonly string[]): string {
  const folders = roots.map((root) =>
    statSync(root, { throwIfNoEntry: false })?.isFile() === true ? dirname(root) : root,
  );
  let common = folders[0] ?? "/";
  for (const folder of folders) while (!isWithin(folder, common)) common = dirname(common);
  return common;
}

function levelOf(text: string): number {
  return /^[0-9]$/.test(text.trim()) ? Number(text) : 6;
}

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}
