import { writeFileSync } from "node:fs";
import { evaluateText } from "../expression/index.ts";
import { isJsonObject, messageOf, type Assignment, type Json, type JobReport, type JobResult } from "../model/index.ts";
import { createMasker, type Masker } from "../masking/index.ts";
import { Background } from "./background.ts";
import { pipesIn } from "./backend/host/pipes.ts";
import { HostProcesses } from "./backend/host/process.ts";
import { contextsFor } from "./contexts.ts";
import { JobControl } from "./control.ts";
import { evaluateEnvironment } from "./environment/evaluate.ts";
import { hashFilesIn } from "./environment/hash-files.ts";
import { machineEnvironment, runnerSystem } from "./environment/machine.ts";
import { makeFolders, removeJob, type JobFolders } from "./folders.ts";
import { StepLog } from "./output/log.ts";
import type { JobPorts } from "./port.ts";
import { runJobPosts } from "./posts.ts";
import { refusalOf } from "./refusal.ts";
import { presentable } from "./report.ts";
import { dummyServices } from "./services.ts";
import type { Frame, JobRun } from "./state.ts";
import { runStep } from "./step.ts";
import { runSteps } from "./steps.ts";

/**
 * Runs one job to its end and reports everything, the closing `job.finished` included.
 * @throws SluiceError `storage-full` or `unavailable` when its folders cannot be made; never because of what the job does.
 */
export async function runJob(assignment: Assignment, ports: JobPorts): Promise<void> {
  const masker = createMasker(secretsOf(assignment));
  const report = (entry: JobReport): void => ports.reporter.report(presentable(entry, masker));
  const pipes = pipesIn(ports.workRoot);
  if (ports.backend === "host") pipes.prepare();
  const folders = makeFolders(ports.workRoot);
  const processes = new HostProcesses(pipes, { marker: folders.marker, folder: folders.root });
  let ended: { status: JobResult; outputs: Record<string, string>; reason?: string };
  try {
    const job = prepare(assignment, ports, { folders, masker, processes, report });
    ended = await carryThrough(job);
  } catch (error) {
    // Texts of the job itself that cannot be evaluated, and defects of ours: the job fails, with the reason.
    ended = { status: "failure", outputs: {}, reason: messageOf(error) };
  } finally {
    processes.reap();
  }
  report({ type: "job.finished", ...ended, at: Date.now() });
  try {
    await removeJob(folders.root);
  } catch (error) {
    // The job has ended and been reported: what is left is for the next start to sweep, and for the operator to know.
    process.emitWarning(`The folder ${folders.root} of an ended job could not be removed: ${messageOf(error)}`);
  }
}

async function carryThrough(
  job: JobRun,
): Promise<{ status: JobResult; outputs: Record<string, string>; reason?: string }> {
  evaluateEnvironment(job.assignment.plan.env, contextsFor(job.frame, job.env, {}), job.functions, job.env);
  evaluateEnvironment(job.assignment.job.env, contextsFor(job.frame, job.env, {}), job.functions, job.env);
  const refusal = refusalOf(job);
  if (refusal !== undefined) {
    for (const index of job.assignment.job.steps.keys())
      job.report({ type: "step.finished", step: index, status: "skipped", allowed: false, at: Date.now() });
    return { status: "failure", outputs: {}, reason: refusal };
  }
  const control = new JobControl(job);
  control.begin();
  try {
    const services = job.ports.backend === "dummy" ? dummyServices(job) : undefined;
    await runSteps(job, control, services);
    await services?.stop();
    await runJobPosts(job, control);
  } finally {
    control.end();
  }
  const outputs = outputsOf(job);
  if (control.timeout !== undefined) return { status: "failure", outputs, reason: control.timeout };
  return { status: job.frame.status, outputs };
}

interface Made {
  readonly folders: JobFolders;
  readonly masker: Masker;
  readonly processes: HostProcesses;
  report(entry: JobReport): void;
}

function prepare(assignment: Assignment, ports: JobPorts, made: Made): JobRun {
  const { folders } = made;
  const contexts: Record<string, Json> = { ...assignment.plan.contexts, ...assignment.contexts };
  const given = isJsonObject(contexts["github"]) ? contexts["github"] : {};
  writeFileSync(folders.event, JSON.stringify(given["event"] ?? {}));
  const github: Record<string, Json> = {
    ...given,
    workspace: folders.workspace,
    event_path: folders.event,
    job: assignment.job.id,
    // Actions from other repositories have them; all that run here are of the repository itself.
    action_ref: "",
    action_repository: "",
    token: assignment.secrets["GITHUB_TOKEN"] ?? "",
    run_attempt: String(assignment.run.attempt),
  };
  const { os, arch } = runnerSystem();
  const debug = isDebugged(assignment, contexts["vars"]);
  const runner = {
    name: ports.runner.name,
    os,
    arch,
    temp: folders.temp,
    tool_cache: folders.tools,
    workspace: folders.root,
    environment: "self-hosted",
    ...(debug ? { debug: "1" } : {}),
  };
  const { systemEnv } = assignment.plan;
  let steps = assignment.job.steps.length;
  let numbers = 0;
  const job: Omit<JobRun, "frame"> = {
    assignment,
    ports,
    ...made,
    contexts: { ...contexts, runner, secrets: assignment.secrets },
    github,
    functions: { hashFiles: hashFilesIn(folders.workspace) },
    machineEnv: { ...machineEnvironment(process.env), CI: "true", ...systemEnv },
    fixedEnv: {
      ...Object.fromEntries(Object.entries(systemEnv).filter(([name]) => /^(?:GITHUB|RUNNER)_/.test(name))),
      GITHUB_JOB: assignment.job.id,
      GITHUB_ACTION_REF: "",
      GITHUB_ACTION_REPOSITORY: "",
      GITHUB_WORKSPACE: folders.workspace,
      GITHUB_EVENT_PATH: folders.event,
      GITHUB_RUN_ATTEMPT: String(assignment.run.attempt),
      RUNNER_OS: os,
      RUNNER_ARCH: arch,
      RUNNER_NAME: ports.runner.name,
      RUNNER_TEMP: folders.temp,
      RUNNER_TOOL_CACHE: folders.tools,
      RUNNER_WORKSPACE: folders.root,
      RUNNER_ENVIRONMENT: "self-hosted",
      ...(debug ? { RUNNER_DEBUG: "1" } : {}),
      CI_WORKSPACE: folders.workspace,
      CI_PIPELINE_STARTED: String(Math.floor(Date.now() / 1000)),
      CI_SYSTEM_PLATFORM: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
    },
    env: {},
    path: [],
    spareFiles: [],
    runStep,
    background: new Background(),
    addStep: (id, name) => {
      const index = steps;
      steps += 1;
      made.report({ type: "step.added", step: index, id, name });
      return index;
    },
    unique: () => (numbers += 1),
  };
  return withFrame(job);
}

/** The job and the frame of its steps know each other. */
function withFrame(parts: Omit<JobRun, "frame">): JobRun {
  const job: JobRun = {
    ...parts,
    get frame() {
      return frame;
    },
  };
  const frame: Frame = { job, status: "success", steps: {}, overrides: {}, posts: [], depth: 0 };
  return job;
}

function outputsOf(job: JobRun): Record<string, string> {
  const contexts = contextsFor(job.frame, job.env, {});
  const outputs: Record<string, string> = {};
  const dropped: string[] = [];
  for (const [name, text] of Object.entries(job.assignment.job.outputs)) {
    const value = evaluateText(text, contexts, job.functions);
    if (job.masker.reveals(value)) dropped.push(name);
    else if (value !== "") outputs[name] = value;
  }
  if (dropped.length > 0) {
    const index = job.addStep("__complete", "Complete job");
    const at = Date.now();
    job.report({ type: "step.started", step: index, name: "Complete job", at });
    for (const name of dropped)
      new StepLog(index, job.ports.reporter, job.masker).warning(
        `The output ${name} is left out, for it may hold a secret.`,
      );
    job.report({ type: "step.finished", step: index, status: "success", allowed: false, at: Date.now() });
  }
  return outputs;
}

/** A switch that is kept among the secrets, or the variables: https://docs.github.com/actions/how-tos/monitor-workflows/enable-debug-logging */
const debugSwitch = "ACTIONS_STEP_DEBUG";

function isDebugged({ secrets }: Assignment, vars: Json | undefined): boolean {
  return (secrets[debugSwitch] ?? (isJsonObject(vars) ? vars[debugSwitch] : undefined)) === "true";
}

function secretsOf(assignment: Assignment): string[] {
  const { source } = assignment;
  // The switch hides nothing: masked, it would take every `true` out of the log.
  const values = Object.entries(assignment.secrets).flatMap(([name, value]) => (name === debugSwitch ? [] : [value]));
  if (source.kind === "git") {
    if (source.token !== undefined) values.push(source.token);
    if (URL.canParse(source.url)) values.push(decodeURIComponent(new URL(source.url).password));
  }
  return values;
}
