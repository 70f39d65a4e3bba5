import { glyph } from "../../model/index.ts";
import { formatDiagnostic } from "../diagnostics.ts";
import { duration, paint, paintState } from "../terminal.ts";
import { type RunObserver, type StepReport, writeOut } from "./observer.ts";

/** A line without end is shown when it has grown to this, so that memory stays bounded. */
const longestHeld = 65_536;

/**
 * Prints a run for people. While one job runs alone its output passes through as it is; while several run,
 * every line carries its job's name.
 */
export function textObserver(now: () => number): RunObserver {
  const started = now();
  /** Jobs under way: what they are called. */
  const running = new Map<string, string>();
  const stepStarts = new Map<string, number>();
  /** Output after a job's last line end: not shown yet, or, when it passed through, empty. */
  const unfinished = new Map<string, Buffer>();

  return {
    diagnostics(found) {
      for (const each of found) process.stderr.write(`${formatDiagnostic(each)}\n`);
    },
    notice(text) {
      process.stderr.write(`${text}\n`);
    },
    jobStarted(job) {
      running.set(job.key, job.name);
      say(job.key, `${paint("cyan", glyph("running"))} ${paint("bold", job.name)} ${paint("dim", job.workflow)}`);
    },
    step(job, report, name) {
      if (report.type === "step.started") stepStarts.set(`${job} ${report.step}`, report.at);
      const text = stepText(report, name, stepStarts.get(`${job} ${report.step}`));
      if (text !== undefined) say(job, text);
    },
    log(job, _step, bytes) {
      return running.size > 1 ? showLines(job, bytes) : passThrough(job, bytes);
    },
    jobFinished(job) {
      const line = `${paintState(job.allowed ? "allowed" : job.status)} ${paint("bold", job.name)}${job.reason === undefined ? "" : `: ${job.reason}`}`;
      // A job that never started has no output to be told from that of others.
      if (running.has(job.id)) say(job.id, line);
      else void writeOut(`${line}\n`);
      running.delete(job.id);
    },
    runFinished(status, jobs) {
      void writeOut(`\n${paintState(status)} ${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} in ${duration(now() - started)}\n`);
    },
  };

  function say(job: string, text: string): void {
    endLine(job);
    void writeOut(`${prefix(job)}${text}\n`);
  }

  function prefix(job: string): string {
    return running.size > 1 ? `${paint("dim", `${running.get(job) ?? job} │`)} ` : "";
  }

  function endLine(job: string): void {
    const held = unfinished.get(job);
    if (held === undefined) return;
    unfinished.delete(job);
    void writeOut(held.length === 0 ? "\n" : Buffer.concat([Buffer.from(prefix(job)), held, lineEnd]));
  }

  function passThrough(job: string, bytes: Uint8Array): Promise<void> | void {
    const held = unfinished.get(job);
    if (held !== undefined && held.length > 0) void writeOut(held);
    if (bytes.at(-1) === 10) unfinished.delete(job);
    else unfinished.set(job, empty);
    return writeOut(bytes);
  }

  function showLines(job: string, bytes: Uint8Array): Promise<void> | void {
    const held = unfinished.get(job);
    const all = held === undefined ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
    const head = Buffer.from(prefix(job));
    const parts: Buffer[] = [];
    let from = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
      parts.push(head, all.subarray(from, end + 1));
      from = end + 1;
    }
    if (all.length - from > longestHeld) {
      parts.push(head, all.subarray(from), lineEnd);
      from = all.length;
    }
    if (from < all.length) unfinished.set(job, all.subarray(from));
    else unfinished.delete(job);
    return parts.length === 0 ? undefined : writeOut(Buffer.concat(parts));
  }
}

const lineEnd = Buffer.from("\n");
const empty = Buffer.alloc(0);

/** What a report of a step looks like; nothing for what is no news to a reader of the output. */
function stepText(report: StepReport, name: string, startedAt: number | undefined): string | undefined {
  if (report.type === "step.started") return `${paint("blue", "▸")} ${name}`;
  if (report.type === "annotation") {
    const { level, message, file, line } = report.annotation;
    const place = file === undefined ? "" : ` ${file}${line === undefined ? "" : `:${line}`}`;
    return `  ${paint(level === "error" ? "red" : "yellow", level)}${place}: ${message}`;
  }
  if (report.type !== "step.finished") return undefined;
  const words = [paintState(report.allowed ? "allowed" : report.status)];
  if (report.status !== "success") words.push(name);
  if (report.reason !== undefined) words.push(`(${report.reason})`);
  else if (report.exitCode !== undefined && report.exitCode !== 0) words.push(`(exit code ${report.exitCode})`);
  if (startedAt !== undefined) words.push(paint("dim", duration(report.at - startedAt)));
  return `  ${words.join(" ")}`;
}
