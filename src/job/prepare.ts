import { join } from "node:path";
import type { Masker } from "../masking/index.ts";
import { isJsonObject, type Assignment, type Json, type JobReport } from "../model/index.ts";
import type { BackgroundSteps } from "./background-steps.ts";
import type { Environment } from "./backend/port.ts";
import { evaluatorWith } from "./evaluation.ts";
import { hashFiles } from "./hash-files.ts";
import type { JobPorts } from "./port.ts";
import type { Frame, JobRun } from "./state.ts";
import { runStep } from "./step.ts";

export interface JobParts {
  readonly assignment: Assignment;
  readonly ports: JobPorts;
  readonly environment: Environment;
  readonly masker: Masker;
  readonly background: BackgroundSteps;
  report(entry: JobReport): void;
  addStep(id: string, name: string): number;
}

/** Creates what all steps of a job share: its contexts and variables, and the event file. */
export async function prepareJob(parts: JobParts): Promise<JobRun> {
  const { assignment, ports, environment } = parts;
  const contexts: Record<string, Json> = { ...assignment.plan.contexts, ...assignment.contexts };
  const given = isJsonObject(contexts["github"]) ? contexts["github"] : {};
  const eventPath = join(environment.folders.plain, "event.json");
  await environment.write([{ path: eventPath, content: JSON.stringify(given["event"] ?? {}) }]);
  const debug = isDebugged(assignment, contexts["vars"]);
  const { systemEnv } = assignment.plan;
  let numbers = 0;
  return withFrame({
    ...parts,
    contexts: {
      ...contexts,
      runner: runnerContext(environment, ports.runner.name, debug),
      secrets: assignment.secrets,
    },
    github: githubContext(assignment, given, environment.folders.workspace, eventPath),
    services: {},
    evaluate: evaluatorWith((args) => hashFiles(environment, args)),
    baseEnv: { ...environment.variables, CI: "true", ...systemEnv },
    fixedEnv: {
      ...Object.fromEntries(Object.entries(systemEnv).filter(([name]) => /^(?:GITHUB|RUNNER)_/.test(name))),
      ...fixedVariables(assignment, environment, eventPath),
      RUNNER_NAME: ports.runner.name,
      ...(debug ? { RUNNER_DEBUG: "1" } : {}),
    },
    env: {},
    path: [],
    spareFiles: [],
    warned: new Set(),
    runStep,
    unique: () => (numbers += 1),
  });
}

function githubContext(
  { job, run, secrets }: Assignment,
  given: Readonly<Record<string, Json>>,
  workspace: string,
  eventPath: string,
): Record<string, Json> {
  return {
    ...given,
    workspace,
    event_path: eventPath,
    job: job.id,
    // Actions from other repositories have them; all actions that run here are in the repository itself.
    action_ref: "",
    action_repository: "",
    token: secrets["GITHUB_TOKEN"] ?? "",
    run_attempt: String(run.attempt),
  };
}

function runnerContext({ system, folders }: Environment, name: string, debug: boolean): Record<string, Json> {
  return {
    name,
    os: system.os,
    arch: system.arch,
    temp: folders.temp,
    tool_cache: folders.tools,
    workspace: folders.job,
    environment: "self-hosted",
    ...(debug ? { debug: "1" } : {}),
  };
}

function fixedVariables(
  { job, run }: Assignment,
  { system, folders }: Environment,
  eventPath: string,
): Record<string, string> {
  return {
    GITHUB_JOB: job.id,
    GITHUB_ACTION_REF: "",
    GITHUB_ACTION_REPOSITORY: "",
    GITHUB_WORKSPACE: folders.workspace,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    RUNNER_OS: system.os,
    RUNNER_ARCH: system.arch,
    RUNNER_TEMP: folders.temp,
    RUNNER_TOOL_CACHE: folders.tools,
    RUNNER_WORKSPACE: folders.job,
    RUNNER_ENVIRONMENT: "self-hosted",
    CI_WORKSPACE: folders.workspace,
    CI_PIPELINE_STARTED: String(Math.floor(Date.now() / 1000)),
    CI_SYSTEM_PLATFORM: system.platform,
  };
}

/** The job and the frame of its steps reference each other. */
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

/**
 * A switch stored among the secrets or the variables:
 * https://docs.github.com/actions/how-tos/monitor-workflows/enable-debug-logging
 */
export const debugSwitch = "ACTIONS_STEP_DEBUG";

function isDebugged({ secrets }: Assignment, vars: Json | undefined): boolean {
  return (secrets[debugSwitch] ?? (isJsonObject(vars) ? vars[debugSwitch] : undefined)) === "true";
}
