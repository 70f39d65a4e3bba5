import { type JobReport, glyph } from "../../model/index.ts";
import { formatDiagnostic } from "../diagnostics.ts";
import { duration, paint } from "../terminal.ts";
import { type RunObserver, writeOut } from "./observer.ts";

/**
 * Prints a run for people. While one job runs alone its output passes through as it is; as soon as a second one
 * runs beside it, every line carries its job's name.
 */
export function textObserver(now: () => number): RunObserver {
  const started = now();
  const running = new Set<string>();
  const stepStarts = new Map<string, number>();
  /** Jobs whose last byte was not a line end. */
  const open = new Map<string, Buffer>();

  const line = (job: string, text: string): Promise<void> | void => {
    endLine(job);
    return writeOut(running.size > 1 ? `${prefix(job)}${text}\n` : `${text}\n`);
  };
  const endLine = (job: string): void => {
    const rest = open.get(job);
    if (rest === undefined) return;
    open.delete(job);
    void writeOut(rest.length === 0 ? "\n" : Buffer.concat([Buffer.from(prefix(job)), rest, newline]));
  };

  return {
    diagnostics(found) {
      for (const each of found) process.stderr.write(`${formatDiagnostic(each)}\n`);
    },
    notice(text) {
      process.stderr.write(`${text}\n`);
    },
    jobStarted(job) {
      running.add(job.key);
      void line(job.key, `${paint("cyan", glyph("running"))} ${paint("bold", job.name)} ${paint("dim", job.workflow)}`);
    },
    step(job, report, name) {
      printStep(job, report, name);
    },
    log(job, _step, bytes) {
      if (running.size === 1) return passThrough(job, bytes);
      return prefixed(job, bytes);
    },
    jobFinished(job) {
      endLine(job.id);
      const reason = job.reason === undefined ? "" : ` ${job.reason}`;
      void line(job.id, `${state(job.status)} ${paint("bold", job.name)}${reason}`);
      running.delete(job.id);
    },
    runFinished(status, jobs) {
      void writeOut(`\n${state(status)} ${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} in ${duration(now() - started)}\n`);
    },
  };

  function passThrough(job: string, bytes: Uint8Array): Promise<void> | void {
    const pending = open.get(job);
    if (pending !== undefined && pending.length > 0) void writeOut(pending);
    if (bytes.at(-1) === 10) open.delete(job);
    else open.set(job, empty);
    return writeOut(bytes);
  }

  function prefixed(job: string, bytes: Uint8Array): Promise<void> | void {
    const pending = open.get(job);
    const all = pending === undefined ? Buffer.from(bytes) : Buffer.concat([pending, bytes]);
    const end = all.lastIndexOf(10) + 1;
    // A line without end is held back, but not without limit.
    const whole = end === 0 && all.length > 65_536 ? all.length : end;
    if (whole < all.length) open.set(job, all.subarray(whole));
    else open.delete(job);
    if (whole === 0) return;
    const head = prefix(job);
    const text = all.subarray(0, whole).toString("latin1").replace(/^/gm, () => Buffer.from(head).toString("latin1"));
    return writeOut(Buffer.from(text.endsWith("\n") ? text.slice(0, text.lastIndexOf("\n") + 1) : `${text}\n`, "latin1"));
  }

  function printStep(job: string, report: JobReport, name: string): void {
    if (report.type === "step.started") {
      stepStarts.set(`${job} ${report.step}`, report.at);
      void line(job, `${paint("blue", "▸")} ${name}`);
    } else if (report.type === "step.finished" && report.status !== "pending") {
      const from = stepStarts.get(`${job} ${report.step}`);
      const took = from === undefined ? "" : ` ${paint("dim", duration(report.at - from))}`;
      const code = report.exitCode === undefined || report.exitCode === 0 ? "" : ` exit code ${report.exitCode}`;
      const reason = report.reason === undefined ? "" : ` ${report.reason}`;
      void line(job, `  ${state(report.allowed ? "allowed" : report.status)} ${report.status === "skipped" || report.status === "failure" ? name : ""}${code}${reason}${took}`.replace(/ {2,}(?=\S)/g, (gap, at: number) => (at === 0 ? gap : " ")));
    } else if (report.type === "annotation") {
      const { level, message, file, line: at } = report.annotation;
      const place = file === undefined ? "" : ` ${file}${at === undefined ? "" : `:${at}`}`;
      void line(job, `  ${paint(level === "error" ? "red" : "yellow", level)}${place}: ${message}`);
    }
  }
}

const newline = Buffer.from("\n");
const empty = Buffer.alloc(0);

function prefix(job: string): string {
  return `${paint("dim", `${job} |`)} `;
}

function state(status: Parameters<typeof glyph>[0]): string {
  const colour = status === "success" ? "green" : status === "failure" || status === "lost" ? "red" : status === "allowed" ? "yellow" : "dim";
  return paint(colour, `${glyph(status)} ${status}`);
}
