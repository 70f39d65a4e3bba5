import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** One measured figure. `limit` is what plain tools need for the same, measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: { readonly name: string; readonly value: number };
  /** The promise for value, or for value / limit if there is a limit. */
  readonly promise?: number;
}

export const sluice = resolve("bin/sluice");
export const node = resolve("node_modules/node/bin/node");

/** Milliseconds from start to exit of a program; its output is discarded. */
export function timeProgram(program: string, args: readonly string[], options: { readonly cwd?: string } = {}): number {
  const start = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(" ")} exited with ${String(status)}: ${error?.message ?? stderr.toString()}`,
    );
  return took;
}

/** Alternates the candidates, so that noise of the machine affects all alike; returns each one's median. */
export function alternate<T extends string>(
  rounds: number,
  candidates: Readonly<Record<T, () => number>>,
): Record<T, number> {
  const names = Object.keys(candidates) as T[];
  const times = new Map<T, number[]>(names.map((name) => [name, []]));
  for (const name of names) candidates[name]();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) times.get(name)?.push(candidates[name]());
  }
  return Object.fromEntries(names.map((name) => [name, quantile(times.get(name) ?? [], 0.5)])) as Record<T, number>;
}

/** The value below which this share of the samples lies. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A scratch folder, removed after the work. */
export async function inScratch<T>(work: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  // On a root server jobs run as another user, and record the time in files here.
  chmodSync(folder, 0o1777);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs git quietly and fails loudly. */
export function git(cwd: string, ...args: string[]): string {
  const identity = {
    GIT_AUTHOR_NAME: "bench",
    GIT_AUTHOR_EMAIL: "bench@example.org",
    GIT_COMMITTER_NAME: "bench",
    GIT_COMMITTER_EMAIL: "bench@example.org",
  };
  const { status, stdout, stderr } = spawnSync("git", args, {
    cwd,
    env: { ...process.env, ...identity },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}
