import { evaluateText, type Contexts } from "../expression/index.ts";
import { createMasker, type Masker } from "../masking/index.ts";
import { messageOf, type Assignment, type JobReport, type JobResult } from "../model/index.ts";
import { BackgroundSteps } from "./background-steps.ts";
import type { Container, Environment } from "./backend/port.ts";
import { evaluateContainer, literalImages } from "./containers.ts";
import { contextsFor } from "./contexts.ts";
import { JobControl } from "./control.ts";
import { StepLog } from "./output/log.ts";
import type { JobPorts } from "./port.ts";
import { runJobPosts } from "./posts.ts";
import { debugSwitch, prepareJob } from "./prepare.ts";
import { refusalOf } from "./refusal.ts";
import { presentable } from "./report.ts";
import { servicesOf } from "./services.ts";
import { SetUpLog } from "./set-up-log.ts";
import type { JobRun } from "./state.ts";
import { runSteps } from "./steps.ts";
import { evaluateVariables } from "./variables.ts";

interface JobEnd {
  readonly status: JobResult;
  readonly outputs: Readonly<Record<string, string>>;
  readonly reason?: string;
}

/** A job that has no environment yet. */
interface Beginning {
  readonly assignment: Assignment;
  readonly ports: JobPorts;
  readonly masker: Masker;
  report(entry: JobReport): void;
  addStep(id: string, name: string): number;
}

/**
 * Runs one job to its end and reports everything, including the final `job.finished`.
 * @throws SluiceError if its environment cannot be created (`storage-full`, `unavailable` …); never because of what the
 * job does.
 */
export async function runJob(assignment: Assignment, ports: JobPorts): Promise<void> {
  const masker = createMasker(secretsOf(assignment));
  const report = (entry: JobReport): void => ports.reporter.report(presentable(entry, masker));
  let steps = assignment.job.steps.length;
  const addStep = (id: string, name: string): number => {
    report({ type: "step.added", step: steps, id, name });
    return steps++;
  };
  const beginning: Beginning = { assignment, ports, masker, report, addStep };
  const finish = (end: JobEnd): void => report({ type: "job.finished", ...end, at: Date.now() });
  let demand: { readonly container?: Container };
  try {
    demand = demandOf(assignment, ports);
  } catch (error) {
    skipSteps(beginning);
    finish(failure(error));
    return;
  }
  const environment = await open(beginning, demand);
  finish(await runIn(environment, beginning));
  try {
    await environment.close();
  } catch (error) {
    // The job has ended and been reported: the rest is for the next sweep, and for the operator to know.
    process.emitWarning(`Cannot remove what a finished job left behind: ${messageOf(error)}`);
  }
}

/**
 * What the job requests from its environment. Throws if the backend does not support it, or if it cannot be evaluated.
 */
function demandOf(assignment: Assignment, { backend }: JobPorts): { readonly container?: Container } {
  const { plan, job } = assignment;
  if (job.container === undefined && job.services.length === 0) return {};
  const contexts: Contexts = { ...plan.contexts, ...assignment.contexts, secrets: assignment.secrets };
  // There is no workspace yet, and no file in it.
  const functions = { hashFiles: () => "" };
  const planEnv = evaluateVariables(plan.env, { ...contexts, env: {} }, functions, {});
  const env = evaluateVariables(job.env, { ...contexts, env: planEnv }, functions, planEnv);
  const refusal = refusalOf(assignment, backend, { ...contexts, env }, functions);
  if (refusal !== undefined) throw new Error(refusal);
  if (job.container === undefined || !backend.capabilities.images) return {};
  const container = evaluateContainer(job.container, { ...contexts, env }, functions);
  return container === undefined ? {} : { container };
}

async function open(beginning: Beginning, demand: { readonly container?: Container }): Promise<Environment> {
  const { assignment, ports } = beginning;
  const log = new SetUpLog(beginning);
  try {
    return await ports.backend.open({
      name: assignment.key,
      repository: assignment.repository,
      ...demand,
      images: literalImages(assignment.job),
      log: (line) => log.line(line),
      signal: ports.signal,
    });
  } finally {
    log.end();
  }
}

/** Runs the job's steps, and ends whatever of it still runs. */
async function runIn(environment: Environment, beginning: Beginning): Promise<JobEnd> {
  const background = new BackgroundSteps();
  try {
    const job = await prepareJob({ ...beginning, environment, background });
    return await carryThrough(job, background);
  } catch (error) {
    // Job-level texts that cannot be evaluated, a lost environment, and bugs of ours: the job fails, with the reason.
    return failure(error);
  } finally {
    await environment.stop();
  }
}

async function carryThrough(job: JobRun, background: BackgroundSteps): Promise<JobEnd> {
  for (const variables of [job.assignment.plan.env, job.assignment.job.env])
    Object.assign(
      job.env,
      await job.evaluate((functions) =>
        evaluateVariables(variables, contextsFor(job.frame, job.env, {}), functions, job.env),
      ),
    );
  const control = new JobControl(job);
  control.begin();
  try {
    const services = servicesOf(job);
    await runSteps(job, control, { background, services });
    await services?.stop();
    await runJobPosts(job, control);
  } finally {
    control.end();
  }
  const outputs = await outputsOf(job);
  if (control.timeout !== undefined) return { status: "failure", outputs, reason: control.timeout };
  return { status: job.frame.status, outputs };
}

function failure(error: unknown): JobEnd {
  return { status: "failure", outputs: {}, reason: messageOf(error) };
}

function skipSteps({ assignment, report }: Beginning): void {
  for (const index of assignment.job.steps.keys())
    report({ type: "step.finished", step: index, status: "skipped", allowed: false, at: Date.now() });
}

async function outputsOf(job: JobRun): Promise<Record<string, string>> {
  const contexts = contextsFor(job.frame, job.env, {});
  const outputs: Record<string, string> = {};
  const dropped: string[] = [];
  for (const [name, text] of Object.entries(job.assignment.job.outputs)) {
    const value = await job.evaluate((functions) => evaluateText(text, contexts, functions));
    if (job.masker.reveals(value)) dropped.push(name);
    else if (value !== "") outputs[name] = value;
  }
  if (dropped.length > 0) reportDropped(job, dropped);
  return outputs;
}

function reportDropped(job: JobRun, names: readonly string[]): void {
  const index = job.addStep("__complete", "Complete job");
  const at = Date.now();
  job.report({ type: "step.started", step: index, name: "Complete job", at });
  const log = new StepLog(index, job.ports.reporter, job.masker);
  for (const name of names) log.warning(`The output ${name} is dropped because it may contain a secret.`);
  job.report({ type: "step.finished", step: index, status: "success", allowed: false, at: Date.now() });
}

function secretsOf(assignment: Assignment): string[] {
  const { source } = assignment;
  // The switch is not secret: masking it would remove every `true` from the log.
  const values = Object.entries(assignment.secrets).flatMap(([name, value]) => (name === debugSwitch ? [] : [value]));
  if (source.kind === "git") {
    if (source.token !== undefined) values.push(source.token);
    if (URL.canParse(source.url)) values.push(decodeURIComponent(new URL(source.url).password));
  }
  return values;
}
