import { glyph } from "../../model/index.ts";
import { formatDiagnostic } from "../diagnostics.ts";
import { duration, paint, paintState } from "../terminal.ts";
import { Blocks } from "./blocks.ts";
import { CommandLines } from "./command-lines.ts";
import { type RunObserver, type StepReport, writeOut } from "./observer.ts";

/** Prints a run for people: the output of each job in blocks, with workflow commands formatted. */
export function textObserver(now: () => number): RunObserver {
  const started = now();
  const names = new Map<string, string>();
  const stepStarts = new Map<string, number>();
  /** Output of each running job. */
  const outputs = new Map<string, CommandLines>();
  const blocks = new Blocks(writeOut, (job) => `${paint("dim", `… ${names.get(job) ?? job} continues`)}\n`);

  return {
    diagnostics(found) {
      for (const each of found) process.stderr.write(`${formatDiagnostic(each)}\n`);
    },
    notice(text) {
      process.stderr.write(`${text}\n`);
    },
    runStarted(workflows, title) {
      for (const { workflow, name, runName = title } of workflows) {
        if (runName !== title && runName !== name)
          void writeOut(`${paint("bold", runName)} ${paint("dim", workflow)}\n`);
      }
    },
    jobStarted(job) {
      names.set(job.key, job.name);
      say(job.key, `${paint("cyan", glyph("running"))} ${paint("bold", job.name)} ${paint("dim", job.workflow)}`);
    },
    step(job, report, name) {
      const key = `${job} ${report.step}`;
      if (report.type === "step.started") stepStarts.set(key, report.at);
      const text = stepText(report, name, stepStarts.get(key));
      if (text !== undefined) say(job, text);
    },
    log(job, _step, bytes) {
      const lines = outputs.get(job) ?? new CommandLines();
      outputs.set(job, lines);
      return blocks.say(job, lines.push(bytes));
    },
    jobFinished(job) {
      say(
        job.id,
        `${paintState(job.allowed ? "allowed" : job.status)} ${paint("bold", job.name)}${job.reason === undefined ? "" : `: ${job.reason}`}`,
      );
      blocks.end(job.id);
      names.delete(job.id);
      outputs.delete(job.id);
    },
    runFinished(status, jobs) {
      void writeOut(
        `\n${paintState(status)} ${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} in ${duration(now() - started)}\n`,
      );
    },
  };

  /** Prints a line of ours on a new line below the job's output. */
  function say(job: string, text: string): void {
    const lines = outputs.get(job);
    void blocks.say(job, Buffer.concat([lines?.endLine() ?? Buffer.alloc(0), Buffer.from(`${text}\n`)]));
  }
}

/** The line for a step report; undefined if it is not news to a reader of the output. */
function stepText(report: StepReport, name: string, startedAt: number | undefined): string | undefined {
  if (report.type === "step.started") return `${paint("blue", "▸")} ${name}`;
  if (report.type !== "step.finished") return undefined;
  const words = [paintState(report.allowed ? "allowed" : report.status)];
  if (report.status !== "success") words.push(name);
  if (report.reason !== undefined) words.push(`(${report.reason})`);
  else if (report.exitCode !== undefined && report.exitCode !== 0) words.push(`(exit code ${report.exitCode})`);
  if (startedAt !== undefined) words.push(paint("dim", duration(report.at - startedAt)));
  return `  ${words.join(" ")}`;
}
