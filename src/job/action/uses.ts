import { relative, resolve } from "node:path";
import { builtins } from "../builtin/index.ts";
import { SluiceError, type StepAction } from "../../model/index.ts";
import { ownTree } from "../checkout/own.ts";
import type { Ending } from "../state.ts";
import { isWithin } from "../archive/paths.ts";
import { runComposite } from "./composite.ts";
import { runDocker, runDockerImage } from "./docker.ts";
import type { StepExecution } from "./execution.ts";
import { inputsOf } from "./inputs.ts";
import { runJavaScript } from "./javascript.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/** How deep actions can nest, as on GitHub. */
const deepest = 10;

/**
 * Runs `uses:`: an action in the workspace (`./`) or at the run's commit (`$/`), or a built-in one. Nothing is fetched
 * from elsewhere.
 */
export async function runUses(
  execution: StepExecution,
  action: Extract<StepAction, { type: "uses" }>,
): Promise<Ending> {
  const reference = (await execution.text(action.reference)).trim();
  if (reference.startsWith("docker://")) return runDockerImage(execution, reference, action);
  if (reference === "." || reference.startsWith("./") || reference.startsWith("../"))
    return runLocal(execution, action, {
      reference,
      base: execution.job.environment.folders.workspace,
      what: "the workspace",
    });
  if (reference.startsWith("$/"))
    return runLocal(execution, action, { reference, base: await ownTree(execution), what: "the repository" });
  const builtin = builtins.get(builtinName(reference));
  if (builtin === undefined) {
    throw new SluiceError(
      "step-unresolved",
      `The action ${reference} is not built in, and Sluice cannot fetch actions from elsewhere yet.`,
      {
        help: `Built in: ${[...builtins.keys()].join(", ")}. Copy other actions into the repository and use them as ./path.`,
      },
    );
  }
  return builtin(execution, await inputsOf(execution, action.with, {}));
}

interface Place {
  readonly reference: string;
  /** The folder that the reference is relative to, and its display name. */
  readonly base: string;
  readonly what: string;
}

async function runLocal(
  execution: StepExecution,
  action: Extract<StepAction, { type: "uses" }>,
  { reference, base, what }: Place,
): Promise<Ending> {
  const folder = resolve(base, reference.replace(/^\$\/+/, ""));
  if (!isWithin(folder, base))
    throw new SluiceError("step-unresolved", `The action ${reference} is outside of ${what}.`);
  const manifest = await readManifest(execution.job.environment, folder, relative(base, folder));
  if (manifest === undefined) {
    throw new SluiceError("step-unresolved", `No action.yml or action.yaml in ${relative(base, folder) || what}.`, {
      help: reference.startsWith("$/")
        ? "Check the path: it is relative to the repository's root."
        : "Check the path, and that a step with `uses: actions/checkout` comes before this one.",
    });
  }
  warnOfInputs(execution, Object.keys(action.with), manifest);
  const inputs = await inputsOf(execution, action.with, manifest.inputs);
  switch (manifest.runs.type) {
    case "composite":
      if (execution.frame.depth >= deepest)
        throw new SluiceError(
          "workflow-unsupported",
          `Actions are nested more than ${deepest} levels deep, at ${reference}.`,
          { help: "Check whether the action uses itself." },
        );
      return runComposite(execution, { folder, manifest, steps: manifest.runs.steps, inputs });
    case "javascript":
      return runJavaScript(execution, { folder, runs: manifest.runs, inputs });
    case "docker":
      return runDocker(execution, { folder, runs: manifest.runs, inputs });
  }
}

/** Input names ignore case. */
function warnOfInputs(execution: StepExecution, given: readonly string[], manifest: Manifest): void {
  const names = new Set(given.map((name) => name.toLowerCase()));
  const known = new Set(Object.keys(manifest.inputs).map((name) => name.toLowerCase()));
  const unknown = given.filter((name) => !known.has(name.toLowerCase()));
  if (unknown.length > 0)
    execution.log.warning(
      `Unexpected input(s) ${unknown.join(", ")}; the action has ${Object.keys(manifest.inputs).join(", ") || "none"}.`,
    );
  for (const [name, message] of Object.entries(manifest.deprecated))
    if (names.has(name.toLowerCase())) execution.log.warning(`The input ${name} is deprecated: ${message}`);
}

/** `actions/cache/save` of `https://host/actions/cache/save@v4`. */
function builtinName(reference: string): string {
  const path = /^https?:\/\/[^/]+\/(.*)$/.exec(reference)?.[1] ?? reference;
  return path.split("@")[0]?.toLowerCase() ?? "";
}
