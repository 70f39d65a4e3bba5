import { setTimeout as delay } from "node:timers/promises";
import { isTerminal, type Run, type RunDetail } from "../../../src/model/index.ts";
import { run as runProgram } from "../../support/sluice.ts";
import { processesIn } from "../../support/program.ts";
import type { Chance } from "./chance.ts";
import type { Configuration } from "./configurations.ts";
import { inject } from "./faults.ts";
import { Observer } from "./observer.ts";
import { judgeGroups, judgeRun, type Violation } from "./oracle.ts";
import { readSideFile } from "./side-file.ts";
import { commandOf, healthy, type Site } from "./site.ts";
import { printed, type Project, projects } from "./workload.ts";

/** How long runs can take to end after the last fault, in milliseconds: half a minute until a job is lost, several times over. */
const calm = 180_000;
/** How long the rest can take after a job has ended, in milliseconds: closing logs, killing leftover processes. */
const tidy = 20_000;

export interface WaveResult {
  readonly violations: readonly Violation[];
  readonly runs: readonly RunDetail[];
  /** Times that a job began. */
  readonly executions: number;
  /** A run hangs: the installation is of no more use. */
  readonly stuck: boolean;
}

/** Commits that were pushed; `acknowledged` if git reported success. */
type Pushes = Map<string, { readonly project: Project; acknowledged: boolean }>;

/** Pushes commits and injects faults, waits until every run has ended, and judges. */
export async function wave(
  site: Site,
  configuration: Configuration,
  chance: Chance,
  kills: number,
): Promise<WaveResult> {
  const observer = new Observer(site.place);
  const pushes: Pushes = new Map();
  const over = new AbortController();
  const pushing = push(site, chance, pushes, over.signal);
  const observing = observe(observer, pushes, over.signal);
  try {
    await inject(site, configuration, chance, kills);
  } finally {
    over.abort();
    await Promise.all([pushing, observing]);
  }
  await site.restore();
  site.log("calm");
  const { runs, violations } = await settle(site, pushes);
  const executions = readSideFile(site.side);
  for (const project of projects) {
    const shas = new Set([...pushes].filter(([, each]) => each.project === project).map(([sha]) => sha));
    const its = executions.filter((each) => shas.has(each.sha));
    violations.push(...judgeGroups(project, its));
    for (const run of runs.filter((each) => shas.has(each.sha)))
      violations.push(
        ...judgeRun(run, {
          project,
          executions: its.filter((each) => each.sha === run.sha),
          healthy: new Set(configuration.runner === "separate" ? healthy : []),
        }),
      );
  }
  for (const run of runs) violations.push(...observer.see(run));
  violations.push(
    ...(await observer.logsKept()),
    ...(await judgeLogs(site, runs)),
    ...(await judgeProcesses(site, runs)),
  );
  violations.push(...site.exited.splice(0).map((what) => ({ rule: "server-exited", what })));
  violations.push(...site.takeDefects().map((what) => ({ rule: "request-failed", what: what.slice(0, 1000) })));
  site.log("judged");
  const stuck =
    runs.some((run) => !isTerminal(run.status)) || violations.some(({ rule }) => rule === "push-without-run");
  return { violations, runs, executions: executions.filter((each) => pushes.has(each.sha)).length, stuck };
}

/** Pushes to the repositories in turn. */
async function push(site: Site, chance: Chance, pushes: Pushes, over: AbortSignal): Promise<void> {
  for (let round = 0; !over.aborted; round += 1) {
    const project = projects[round % projects.length];
    if (project === undefined) return;
    const { repository } = project;
    try {
      const sha = await site.place.push(repository, { ".github/workflows/ci.yml": project.text(site.side) });
      pushes.set(sha, { project, acknowledged: true });
      site.log(`pushed ${repository} ${sha}`);
    } catch {
      // The server was killed. The commit may have arrived all the same.
      const sha = await runProgram("git", ["rev-parse", "HEAD"], { cwd: `${site.place.folder}/tree of ${repository}` });
      if (sha.code === 0 && !pushes.has(sha.stdout.trim()))
        pushes.set(sha.stdout.trim(), { project, acknowledged: false });
    }
    await delay(chance.between(50, 700), undefined, { signal: over }).catch(() => undefined);
  }
}

async function observe(observer: Observer, pushes: Pushes, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    for (const sha of [...pushes.keys()].slice(-4))
      await observer.look(sha).catch(() => {
        // The server is down.
      });
    await delay(100);
  }
}

async function settle(site: Site, pushes: Pushes): Promise<{ runs: RunDetail[]; violations: Violation[] }> {
  const limit = performance.now() + calm;
  for (;;) {
    const found: { sha: string; ids: string[] }[] = [];
    const runs: RunDetail[] = [];
    for (const sha of pushes.keys()) {
      const { runs: its } = await site.place.get<{ runs: Run[] }>(`/api/v1/runs?text=${sha}`);
      found.push({ sha, ids: its.map((run) => run.id) });
      for (const { id } of its) runs.push(await site.place.get<RunDetail>(`/api/v1/runs/${id}`));
    }
    const missing = found.filter(({ sha, ids }) => ids.length === 0 && pushes.get(sha)?.acknowledged === true);
    const ended = runs.every((run) => isTerminal(run.status));
    if ((ended && missing.length === 0) || performance.now() > limit) {
      const violations = [
        ...missing.map(({ sha }) => ({ rule: "push-without-run", what: `${sha} was pushed` })),
        ...found
          .filter(({ ids }) => ids.length > 1)
          .map(({ sha, ids }) => ({ rule: "push-twice", what: `${sha}: ${ids.join()}` })),
      ];
      return { runs, violations };
    }
    await delay(300);
  }
}

/** Logs of ended steps are closed, their live streams end, and a successful step's log is complete. */
async function judgeLogs(site: Site, runs: readonly RunDetail[]): Promise<Violation[]> {
  const found: Violation[] = [];
  const limit = performance.now() + tidy;
  for (const run of runs)
    for (const job of [...run.jobs, ...run.earlier].filter((each) => isTerminal(each.status)))
      for (const step of job.steps) {
        const what = `${run.repository}#${run.number} ${job.name} (attempt ${job.attempt}, ${job.status}) ${step.name} (${step.status})`;
        let page = await site.place.log(job.id, step.index);
        while (page.bytes > 0 && !page.closed && performance.now() < limit) {
          await delay(100);
          page = await site.place.log(job.id, step.index);
        }
        if (page.bytes > 0 && !page.closed) {
          found.push({ rule: "log-open", what, run: run.id });
          const ends = await streamEnds(site, job.id, step.index);
          if (!ends) found.push({ rule: "stream-open", what, run: run.id });
        }
        const lines = page.lines.filter((line) => /^line \d of 3$/.test(line)).join();
        if (job.status === "success" && lines !== printed.join())
          found.push({ rule: "log-incomplete", what: `${what}: ${lines}`, run: run.id });
      }
  return found;
}

async function streamEnds(site: Site, job: string, step: number): Promise<boolean> {
  const { url, token } = site.place;
  try {
    const response = await fetch(`${url}/api/v1/jobs/${job}/steps/${step}/log/stream`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5_000),
    });
    await response.text();
    return true;
  } catch {
    return false;
  }
}

/** No process of a job is left when all jobs have ended. */
async function judgeProcesses(site: Site, runs: readonly RunDetail[]): Promise<Violation[]> {
  if (runs.some((run) => !isTerminal(run.status))) return [];
  const limit = performance.now() + tidy;
  for (;;) {
    const left = [...new Set([...processesIn(site.place.folder), ...processesIn(site.place.data)])].filter(
      (pid) => !site.isOurs(pid),
    );
    if (left.length === 0) return [];
    if (performance.now() > limit)
      return left.map((pid) => ({ rule: "orphan-process", what: `${pid}: ${commandOf(pid).slice(0, 200)}` }));
    await delay(200);
  }
}
