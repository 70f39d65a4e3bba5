import { homedir, tmpdir } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { type Backend, type BackendName, backendNames, isBackendName, loadBackend } from "../../job/index.ts";
import { type Plan, SluiceError, firstLine, hasErrors } from "../../model/index.ts";
import type { exitCode } from "../exit.ts";
import { type CompiledTree, compileTree } from "./compile.ts";
import { executeRun } from "./execute.ts";
import { jsonObserver } from "./json.ts";
import type { RunObserver } from "./observer.ts";
import type { EventOptions } from "./options.ts";
import { textObserver } from "./text.ts";
import type { WorkingTree } from "./tree.ts";
import { folderTransfers } from "./transfers.ts";

interface LocalOptions extends EventOptions {
  readonly job?: string;
  readonly secret?: Readonly<Record<string, string>>;
  readonly backend: string;
  readonly artifacts?: string;
  readonly json?: boolean;
}

/** Runs workflows of a working tree and returns the result. */
export async function runLocally(
  files: readonly string[],
  options: LocalOptions,
  tree?: Promise<WorkingTree>,
): Promise<keyof typeof exitCode> {
  const name = backendName(options.backend);
  const observer = options.json === true ? jsonObserver() : textObserver(Date.now);
  const folder = mkdtempSync(join(tmpdir(), "sluice-run-"));
  try {
    const backend = await loadBackend(name, { workRoot: folder });
    // Runs while the workflows compile.
    backend.prepare();
    return await carryOut(await compileTree(files, options, tree), { ...options, backend, folder, observer });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Carrying extends Omit<LocalOptions, "backend"> {
  readonly backend: Backend;
  readonly folder: string;
  readonly observer: RunObserver;
}

async function carryOut(compiled: CompiledTree, options: Carrying): Promise<keyof typeof exitCode> {
  const { backend, folder, observer } = options;
  const diagnostics = compiled.compilations.flatMap((each) => each.diagnostics);
  observer.diagnostics(diagnostics);
  if (hasErrors(diagnostics)) return "invalid";

  const plans = selectPlans(compiled, options.job, observer);
  if (plans.length === 0) {
    observer.notice(`The event ${options.event} starts no workflow.`);
    observer.runFinished("skipped", []);
    return "success";
  }

  const outlines = plans.map(({ workflow, name, runName }) => ({
    workflow,
    name,
    ...(runName === undefined ? {} : { runName }),
  }));
  observer.runStarted(outlines, firstLine(compiled.event.pullRequest?.title ?? compiled.event.commit?.message ?? ""));
  const interrupt = watchInterrupt(observer);
  try {
    const status = await executeRun({
      plans,
      backend,
      secrets: options.secret ?? {},
      source: { kind: "folder", path: compiled.tree.dir, sha: compiled.tree.sha, ref: compiled.event.ref },
      repository: compiled.tree.repository,
      transfers: folderTransfers(resolve(options.artifacts ?? join(folder, "artifacts")), () =>
        cacheFolder(compiled.tree.dir),
      ),
      workRoot: folder,
      signal: interrupt.signal,
      observer,
    });
    if (interrupt.signal.aborted) return "interrupted";
    return status === "success" || status === "skipped" ? "success" : "failure";
  } finally {
    interrupt.stop();
  }
}

function backendName(name: string): BackendName {
  if (isBackendName(name)) return name;
  if (name === "docker" || name === "kubernetes") {
    throw new SluiceError("workflow-unsupported", `The ${name} backend is not available in this version.`, {
      help: "Use --backend host.",
    });
  }
  throw new SluiceError("call-invalid", `Unknown backend "${name}".`, {
    help: `Use --backend ${backendNames.join(" or --backend ")}.`,
  });
}

function selectPlans(compiled: CompiledTree, job: string | undefined, observer: RunObserver): readonly Plan[] {
  for (const each of compiled.compilations) {
    if (each.skipped !== undefined) observer.notice(`${each.file}: skipped: ${each.skipped}`);
  }
  const plans = compiled.compilations.flatMap((each) => (each.plan === undefined ? [] : [each.plan]));
  if (job === undefined) return plans;
  const selected = plans.map((plan) => only(plan, job)).filter((plan) => plan.jobs.length > 0);
  if (selected.length > 0) return selected;
  const ids = plans.flatMap((plan) => plan.jobs.map((each) => each.id));
  throw new SluiceError("call-invalid", `No job "${job}".`, {
    help: ids.length === 0 ? "The event starts no workflow." : `Use one of ${ids.join(", ")}.`,
  });
}

/** The plan reduced to one job and, transitively, the jobs it needs. */
function only(plan: Plan, id: string): Plan {
  const wanted = new Set<string>();
  const add = (job: string): void => {
    const found = plan.jobs.find((each) => each.id === job);
    if (found === undefined || wanted.has(job)) return;
    wanted.add(job);
    for (const need of found.needs) add(need.job);
  };
  add(id);
  return { ...plan, needs: [], jobs: plan.jobs.filter((each) => wanted.has(each.id)) };
}

/** Caches outlive the run; each working tree has its own. */
function cacheFolder(dir: string): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "sluice", "caches", createHash("sha256").update(dir).digest("hex").slice(0, 16));
}

/**
 * The first Ctrl-C cancels the run, so cleanup steps still run; the second exits the program. A reader that goes away
 * (`| head`) also cancels it.
 */
function watchInterrupt(observer: RunObserver): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    observer.notice("Cancelling. Press Ctrl-C again to stop at once.");
    controller.abort();
  };
  const onClosed = (): void => controller.abort();
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.stdout.on("error", onClosed);
  return {
    signal: controller.signal,
    stop() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      process.stdout.off("error", onClosed);
    },
  };
}
