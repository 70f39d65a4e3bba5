import { setTimeout as delay } from "node:timers/promises";
import type { Chance } from "./chance.ts";
import type { Configuration } from "./configurations.ts";
import { type Site, sleeper, victims } from "./site.ts";

/** Breaks something and restores it. */
type Fault = (site: Site, chance: Chance) => Promise<void>;

/** Longer than a runner may be silent (27 s) before its jobs are lost, in milliseconds. */
const beyondLease = 32_000;

const killServer: Fault = async (site, chance) => {
  await site.moment(chance);
  await site.killServer();
  await delay(chance.of([0, chance.between(0, 400)]));
  await site.startServer();
};

/** The runner and the steps go on for a moment, and the server cannot note it. */
const stopAndKillServer: Fault = async (site, chance) => {
  await site.moment(chance);
  site.place.server.signal("SIGSTOP");
  site.log("SIGSTOP server");
  await delay(chance.between(20, 500));
  await site.killServer();
  await site.startServer();
};

const killWhileStarting: Fault = async (site, chance) => {
  await site.moment(chance);
  await site.killServer();
  await site.beginStart(chance.between(150, 1200));
  await site.killServer();
  await site.startServer();
};

const pauseServer: Fault = async (site, chance) => {
  await site.moment(chance);
  site.place.server.signal("SIGSTOP");
  site.log("SIGSTOP server");
  await delay(chance.between(100, 2500));
  site.place.server.signal("SIGCONT");
  site.log("SIGCONT server");
};

const killChild: Fault = async (site, chance) => {
  await site.moment(chance);
  site.killChild();
};

const killRunner: Fault = async (site, chance) => {
  const name = chance.of(victims);
  await site.moment(chance);
  await site.killRunner(name);
  await delay(chance.of([0, chance.between(0, 1000)]));
  await site.startRunner(name);
};

const killBoth: Fault = async (site, chance) => {
  const name = chance.of(victims);
  await site.moment(chance);
  const all = [() => site.killServer(), () => site.killRunner(name)];
  for (const kill of chance.happens(0.5) ? all : all.toReversed()) {
    await kill();
    await delay(chance.of([0, chance.between(0, 50)]));
  }
  await site.startServer();
  await site.startRunner(name);
};

const pauseSleeper: Fault = async (site, chance) => {
  await site.moment(chance);
  site.signalRunner(sleeper, "SIGSTOP");
  await delay(beyondLease);
  site.signalRunner(sleeper, "SIGCONT");
};

/** No runner may lose a job by it: the server did not listen. */
const pauseServerForLong: Fault = async (site, chance) => {
  await site.moment(chance);
  site.place.server.signal("SIGSTOP");
  site.log("SIGSTOP server");
  await delay(beyondLease);
  site.place.server.signal("SIGCONT");
  site.log("SIGCONT server");
};

const restartPostgres: Fault = async (site, chance) => {
  await site.moment(chance);
  await site.restartPostgres(chance.of(["fast", "immediate"]), chance.of([0, chance.between(0, 1500)]));
};

/** The faults of a configuration; the frequent ones are listed more than once. */
function faultsOf({ database, runner }: Configuration): readonly Fault[] {
  const server = [
    killServer,
    killServer,
    killServer,
    stopAndKillServer,
    stopAndKillServer,
    killWhileStarting,
    pauseServer,
  ];
  return [
    ...server,
    ...(runner === "child" ? [killChild, killChild, killChild] : []),
    ...(runner === "separate" ? [killRunner, killRunner, killRunner, killBoth] : []),
    ...(database === "postgres" ? [restartPostgres, restartPostgres] : []),
  ];
}

/** Injects faults until so many processes were killed. */
export async function inject(site: Site, configuration: Configuration, chance: Chance, kills: number): Promise<void> {
  if (chance.happens(0.1)) await pauseServerForLong(site, chance);
  // It sleeps while the others are killed.
  const pause = configuration.runner === "separate" && chance.happens(0.3) ? pauseSleeper(site, chance) : undefined;
  const faults = faultsOf(configuration);
  const target = site.kills + kills;
  while (site.kills < target) {
    if (!site.place.server.running) await site.startServer();
    // Let jobs begin before the next fault.
    await delay(chance.between(0, 2000));
    await chance.of(faults)(site, chance);
  }
  await pause;
}
