import { createHash } from "node:crypto";
import { relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { StepExecution } from "../action/execution.ts";
import type { Inputs } from "../action/inputs.ts";
import { pack, unpack, usualLimits } from "../archive/compressed.ts";
import { commonFolder, findFiles } from "../archive/search.ts";
import type { Ending } from "../state.ts";

const done: Ending = { status: "success", exitCode: 0 };

/** `actions/upload-artifact`, built in. Inputs and outputs: https://github.com/actions/upload-artifact#usage */
export async function uploadArtifact(execution: StepExecution, inputs: Inputs): Promise<Ending> {
  const { environment } = execution.job;
  const name = nameOf(inputs["name"] ?? "");
  const patterns = (inputs["path"] ?? "").split("\n");
  if (patterns.every((line) => line.trim() === ""))
    throw new SluiceError("workflow-schema", "The artifact's `path` is empty.", {
      help: "List files, folders or patterns, one per line.",
    });
  const { files, roots } = await findFiles(environment, patterns, {
    base: environment.folders.workspace,
    hidden: inputs["include-hidden-files"]?.toLowerCase() === "true",
    follow: true,
  });
  if (files.length === 0) return nothingFound(execution, inputs["if-no-files-found"] ?? "warn", patterns);
  const root = await commonFolder(environment, roots);
  const hash = createHash("sha256");
  const content = hashed(
    pack(
      environment,
      files.map(({ path }) => ({ path, name: relative(root, path).split(sep).join("/") })),
      { level: levelOf(inputs["compression-level"] ?? ""), links: false },
    ),
    hash,
  );
  const days = Number(inputs["retention-days"] ?? "");
  const { bytes } = await execution.job.ports.transfers.uploadArtifact(name, content, {
    overwrite: inputs["overwrite"]?.toLowerCase() === "true",
    ...(days > 0 ? { retentionDays: days } : {}),
  });
  execution.effects.setOutput("artifact-id", name);
  execution.effects.setOutput("artifact-digest", hash.digest("hex"));
  execution.effects.setOutput("artifact-url", execution.job.assignment.run.url ?? "");
  execution.log.line(
    `The artifact ${name} contains ${files.length} file${files.length === 1 ? "" : "s"} in ${bytes} bytes.`,
  );
  return done;
}

/** `actions/download-artifact`, built in. Inputs and outputs: https://github.com/actions/download-artifact#usage */
export async function downloadArtifact(execution: StepExecution, inputs: Inputs): Promise<Ending> {
  const { transfers } = execution.job.ports;
  const run = inputs["run-id"] ?? "";
  if (run !== "" && run !== execution.job.assignment.run.id)
    throw new SluiceError("workflow-unsupported", "download-artifact can only download artifacts of its own run.", {
      help: "Remove `run-id`.",
    });
  const { environment } = execution.job;
  const target = resolve(environment.folders.workspace, inputs["path"] ?? "");
  const single = inputs["name"] ?? "";
  const wanted = single === "" ? await chosen(execution, inputs) : [single];
  const flat = single !== "" || inputs["merge-multiple"]?.toLowerCase() === "true";
  await environment.makeFolder(target, target);
  for (const name of wanted) {
    const root = flat ? target : resolve(target, nameOf(name));
    const { files, bytes } = await unpack(environment, await contentOf(execution, name), {
      place: (path) => ({ root, path }),
      links: "none",
      ...usualLimits,
    });
    execution.log.line(`Extracted ${files} file${files === 1 ? "" : "s"} (${bytes} bytes) from the artifact ${name}.`);
  }
  if (wanted.length === 0)
    execution.log.warning(`No artifact of the run matches; the run has ${(await transfers.listArtifacts()).length}.`);
  execution.effects.setOutput("download-path", target);
  return done;
}

async function chosen(execution: StepExecution, inputs: Inputs): Promise<readonly string[]> {
  const names = (await execution.job.ports.transfers.listArtifacts()).map((artifact) => artifact.name);
  const ids = (inputs["artifact-ids"] ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  if (ids.length > 0) return names.filter((name) => ids.includes(name));
  const pattern = inputs["pattern"] ?? "";
  return pattern === "" ? names : names.filter((name) => picomatch.isMatch(name, pattern));
}

async function contentOf(execution: StepExecution, name: string): Promise<AsyncIterable<Uint8Array>> {
  const { transfers } = execution.job.ports;
  try {
    return await transfers.downloadArtifact(name);
  } catch (error) {
    const known = (await transfers.listArtifacts()).map((artifact) => artifact.name);
    if (known.includes(name)) throw error;
    throw new SluiceError("not-found", `The run has no artifact ${name}: ${messageOf(error)}`, {
      help: `It has ${known.join(", ") || "none"}. Check that the job that uploads it runs first (\`needs\`).`,
      cause: error,
    });
  }
}

function nothingFound(execution: StepExecution, choice: string, patterns: readonly string[]): Ending {
  const text = `No file matches ${patterns
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(", ")}; there is nothing to upload.`;
  if (choice === "error")
    throw new SluiceError("not-found", text, {
      help: "Check `path`: it is relative to the workspace, and hidden files need `include-hidden-files: true`.",
    });
  if (choice === "warn") {
    execution.log.warning(text);
    execution.effects.annotate({ level: "warning", message: text });
  } else execution.log.line(text);
  return done;
}

/** GitHub allows names that are valid file names on every system. */
function nameOf(name: string): string {
  const given = name === "" ? "artifact" : name;
  if (/["<>|*?\r\n\\/:\0]/.test(given) || given === "." || given === "..")
    throw new SluiceError("workflow-schema", `"${given}" is not a valid artifact name.`, {
      help: 'Remove " < > | * ? : / \\ and line breaks.',
    });
  return given;
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
