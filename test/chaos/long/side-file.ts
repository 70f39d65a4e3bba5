import { existsSync, readFileSync } from "node:fs";

/** A line of the side file. */
export interface Mark {
  readonly step: number;
  readonly what: "start" | "end";
  /** Line number: all steps append to one file, so it tells what came first. */
  readonly line: number;
}

/** What ran of a job in one go. Each time the runner starts a job, it makes a new folder. */
export interface Execution {
  readonly sha: string;
  readonly job: string;
  readonly folder: string;
  readonly marks: Mark[];
}

/** Reads the executions in the order in which they began. An appended line survives the kill of any process; only a crash of the machine would need fsync. */
export function readSideFile(path: string): readonly Execution[] {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const executions = new Map<string, Execution>();
  for (const [line, text] of lines.entries()) {
    const match = /^([0-9a-f]{40}) (\S+) (\S+) (\d+) (start|end)$/.exec(text);
    if (match === null) continue;
    const [, sha = "", job = "", folder = "", step, what] = match;
    const known = executions.get(folder) ?? { sha, job, folder, marks: [] };
    executions.set(folder, known);
    known.marks.push({ step: Number(step), what: what === "start" ? "start" : "end", line });
  }
  return [...executions.values()];
}
