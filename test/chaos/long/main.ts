import { mkdirSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RunDetail } from "../../../src/model/index.ts";
import { hasPostgres } from "../../support/postgres.ts";
import { Chance } from "./chance.ts";
import { type Configuration, configurations, obstacle } from "./configurations.ts";
import type { Violation } from "./oracle.ts";
import { Site } from "./site.ts";
import { wave } from "./wave.ts";

/** Kills before everything is left to end and judged. */
const killsOfWave = 8;

const usage = `npm run test:chaos -- --long [options]

Kills the server, its runner and separate runners at random moments, restarts PostgreSQL, and compares what the steps
wrote with what the API shows. Exits with 1 on a violation and saves the evidence in output/chaos/.

  --kills N      kills in each configuration (100, 600 in all)
  --minutes N    limit of each configuration in minutes (20)
  --only NAME    run this configuration; can be repeated: ${configurations.map(({ name }) => name).join(", ")}
  --seed N       seed of the random choices (SLUICE_FUZZ_SEED, or 1)
`;

/** Runs the long chaos suite and returns the exit code. */
export async function long(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      long: { type: "boolean" },
      help: { type: "boolean" },
      kills: { type: "string", default: "100" },
      minutes: { type: "string", default: "20" },
      only: { type: "string", multiple: true },
      seed: { type: "string", default: process.env["SLUICE_FUZZ_SEED"] ?? "1" },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const seed = Number(values.seed);
  const options = { kills: Number(values.kills), minutes: Number(values.minutes), seed };
  const wanted = values.only ?? configurations.map(({ name }) => name);
  let failed = false;
  for (const name of wanted) {
    const configuration = configurations.find((each) => each.name === name);
    if (configuration === undefined) throw new Error(`Unknown configuration ${name}.\n${usage}`);
    const because = obstacle(configuration, hasPostgres);
    if (because === undefined) failed = (await runConfiguration(configuration, options)) || failed;
    else {
      console.log(`${name}: skipped, ${because}`);
      failed ||= process.env["CI"] !== undefined;
    }
  }
  return failed ? 1 : 0;
}

interface Limits {
  readonly kills: number;
  readonly minutes: number;
  readonly seed: number;
}

/** Runs waves on one installation, and on a new one after a run hangs. True if a promise was broken. */
async function runConfiguration(configuration: Configuration, { kills, minutes, seed }: Limits): Promise<boolean> {
  const chance = new Chance(seed + configurations.indexOf(configuration) * 7919);
  const began = performance.now();
  const violations: Violation[] = [];
  let killed = 0;
  let jobs = 0;
  let runs = 0;
  let lost = 0;
  let executions = 0;
  for (let number = 1; killed < kills && performance.now() - began < minutes * 60_000; number += 1) {
    await using site = await Site.start(configuration);
    let stuck = false;
    while (!stuck && site.kills + killed < kills && performance.now() - began < minutes * 60_000) {
      const result = await wave(site, configuration, chance, Math.min(killsOfWave, kills - killed - site.kills));
      const all = result.runs.flatMap((run) => [...run.jobs, ...run.earlier]);
      runs += result.runs.length;
      jobs += all.length;
      lost += all.filter((job) => job.status === "lost").length;
      executions += result.executions;
      violations.push(...result.violations);
      if (result.violations.length > 0)
        keep(site, `${configuration.name}-${seed}-${number}`, result.violations, result.runs);
      for (const { rule, what } of result.violations)
        console.log(`  ${configuration.name}: ${rule}: ${what.split("\n")[0]}`);
      ({ stuck } = result);
      console.error(`  ${configuration.name}: ${killed + site.kills} of ${kills} kills`);
    }
    killed += site.kills;
  }
  const rules = Object.entries(Object.groupBy(violations, ({ rule }) => rule)).map(
    ([rule, its]) => `${rule} ${its?.length}`,
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${configuration.name}: ${killed} kills, ${runs} runs, ${jobs} jobs (${executions} began, ${lost} lost), ${violations.length} violations${rules.length > 0 ? ` (${rules.join(", ")})` : ""}, seed ${seed}, ${seconds} s`,
  );
  return violations.length > 0;
}

/** Saves what explains the violations. */
function keep(site: Site, name: string, violations: readonly Violation[], runs: readonly RunDetail[]): void {
  const folder = join("output", "chaos", `${name}-${site.kills}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(site.side, join(folder, "side"));
  writeFileSync(join(folder, "history"), `${site.history.join("\n")}\n`);
  writeFileSync(join(folder, "said"), site.said);
  writeFileSync(join(folder, "violations.json"), JSON.stringify(violations, undefined, 2));
  const wanted = new Set(violations.map(({ run }) => run));
  for (const run of runs)
    if (wanted.has(run.id)) writeFileSync(join(folder, `run-${run.id}.json`), JSON.stringify(run, undefined, 2));
}
