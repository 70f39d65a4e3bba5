import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Installation } from "../../support/installation.ts";
import { OwnPostgres, type StopMode } from "../../support/postgres.ts";
import { type Program, works } from "../../support/program.ts";
import type { Chance } from "./chance.ts";
import type { Configuration } from "./configurations.ts";

/** Separate runners: the victims are killed, the sleeper is stopped beyond its lease, and no fault hits the healthy ones. */
export const victims = ["victim-1", "victim-2"];
export const sleeper = "sleeper";
export const healthy = ["steady"];
const capacity = 3;

/** A server with its runners and its database, which faults can kill and restart. */
export class Site implements AsyncDisposable {
  readonly place: Installation;
  readonly side: string;
  /** What happened, for people: seconds and words. */
  readonly history: string[] = [];
  kills = 0;
  /** Servers that exited without being killed. */
  readonly exited: string[] = [];
  readonly #postgres: OwnPostgres | undefined;
  readonly #runners = new Map<string, Program>();
  readonly #programs: Program[] = [];
  #defects = 0;
  readonly #born = performance.now();
  /** The server that should be running. */
  #server: Program | undefined;

  private constructor(place: Installation, postgres: OwnPostgres | undefined) {
    this.place = place;
    this.#postgres = postgres;
    this.side = join(place.folder, "side");
    this.#note(place.server);
  }

  static async start({ database, runner }: Configuration): Promise<Site> {
    const postgres = database === "postgres" ? await OwnPostgres.start() : undefined;
    const settings = {
      own: { embedded: true, labels: ["host"], capacity: 5, ...(process.getuid?.() === 0 ? { user: "root" } : {}) },
      child: { embedded: true, labels: ["host"], capacity: 5 },
      separate: { embedded: false },
    };
    try {
      const place = await Installation.start({
        config: { runner: settings[runner], ...(postgres === undefined ? {} : { database: postgres.url }) },
      });
      const site = new Site(place, postgres);
      // Steps of another user append to it.
      writeFileSync(site.side, "");
      chmodSync(site.side, 0o666);
      if (runner === "separate") for (const name of [...victims, sleeper, ...healthy]) await site.startRunner(name);
      return site;
    } catch (error) {
      await postgres?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  log(what: string): void {
    this.history.push(`${((performance.now() - this.#born) / 1000).toFixed(3)} ${what}`);
  }

  /** The output of all its programs, one after the other. */
  get said(): string {
    return this.#programs.map((program) => `=== ${program.pid}\n${program.said}`).join("\n");
  }

  /** Log lines of requests that failed because of a defect, since the last call. */
  takeDefects(): string[] {
    const found = this.#programs
      .flatMap((program) => program.said.split("\n"))
      .filter((line) => line.includes('"a request failed"') && line.includes('"err":'));
    const fresh = found.slice(this.#defects);
    this.#defects = found.length;
    return fresh;
  }

  async startServer(): Promise<void> {
    for (let left = 20; ; left -= 1) {
      const started = this.place.startServer();
      this.#note(this.place.server);
      try {
        await started;
        this.log(`server ${this.place.server.pid} listens`);
        return;
      } catch (error) {
        // PostgreSQL may still be starting.
        if (left === 0) throw error;
        this.log(`server ${this.place.server.pid} did not start`);
        await this.place.server.kill();
        await delay(300);
      }
    }
  }

  /** Starts the server and returns after `ms`, or earlier if it listens. */
  async beginStart(ms: number): Promise<void> {
    const started = this.place.startServer().catch(() => undefined);
    this.#note(this.place.server);
    await Promise.race([started, delay(ms)]);
  }

  #note(server: Program): void {
    if (this.#server === server) return;
    this.#programs.push(server);
    this.#server = server;
    void this.#watch(server);
  }

  async #watch(server: Program): Promise<void> {
    await server.ended();
    if (this.#server !== server) return;
    this.exited.push(`server ${server.pid} exited by itself: ${server.said.slice(-2000)}`);
    this.log(`server ${server.pid} exited by itself`);
  }

  async killServer(): Promise<void> {
    const { server } = this.place;
    this.#server = undefined;
    if (!server.running) return;
    await server.kill();
    this.kills += 1;
    this.log(`kill server ${server.pid}`);
  }

  /** The process of the embedded runner, under a server that is root. */
  killChild(): void {
    const pid = childrenOf(this.place.server.pid).find((each) => /runner/.test(commandOf(each)));
    if (pid === undefined) return;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It exited in between, with its server.
      return;
    }
    this.kills += 1;
    this.log(`kill embedded runner ${pid}`);
  }

  async startRunner(name: string): Promise<void> {
    const runner = await this.place.startRunner(name, { capacity });
    this.#programs.push(runner);
    this.#runners.set(name, runner);
    this.log(`runner ${name} ${runner.pid} starts`);
  }

  async killRunner(name: string): Promise<void> {
    const runner = this.#runners.get(name);
    if (runner === undefined || !runner.running) return;
    await runner.kill();
    this.kills += 1;
    this.log(`kill runner ${name} ${runner.pid}`);
  }

  signalRunner(name: string, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#runners.get(name)?.signal(signal);
    this.log(`${signal} runner ${name}`);
  }

  async restartPostgres(mode: StopMode, pause: number): Promise<void> {
    if (this.#postgres === undefined) return;
    await this.#postgres.stop(mode);
    this.log(`PostgreSQL stopped (${mode})`);
    await delay(pause);
    await this.#postgres.startAgain();
    this.log("PostgreSQL starts");
  }

  /** Starts and continues everything that should run. */
  async restore(): Promise<void> {
    if (!this.place.server.running) await this.startServer();
    for (const [name, runner] of this.#runners) {
      runner.signal("SIGCONT");
      if (!runner.running) await this.startRunner(name);
    }
  }

  /** Waits for a job folder or a line of the side file to appear, when a fault hurts most, or for a random time. */
  async moment(chance: Chance): Promise<void> {
    const limit = performance.now() + 1500;
    const sign = chance.of(["line", "folder", "none"]);
    if (sign === "none") return delay(chance.between(0, 600));
    const changes = sign === "line" ? () => statSync(this.side).size : () => this.#jobFolders();
    const before = changes();
    while (changes() === before && performance.now() < limit) await delay(1);
    await delay(chance.of([0, chance.between(0, 20), chance.between(0, 120)]));
  }

  /** Names of the job folders that exist now. */
  #jobFolders(): string {
    const { data, folder } = this.place;
    const roots = [
      join(data, "work"),
      ...[...victims, sleeper, ...healthy].map((name) => join(folder, `work-of-${name}`)),
    ];
    const below = roots.flatMap((root) =>
      entries(root).flatMap((name) => [name, ...(/^\d+$/.test(name) ? entries(join(root, name)) : [])]),
    );
    return below.filter((name) => name.startsWith("job-")).join();
  }

  /** True for the server, its runner and the separate runners: any other process belongs to a job. */
  isOurs(pid: number): boolean {
    const known = [this.place.server, ...this.#runners.values()].filter((each) => each.running).map((each) => each.pid);
    const child = childrenOf(this.place.server.pid).filter((each) => /runner/.test(commandOf(each)));
    return [...known, ...child].includes(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server = undefined;
    for (const runner of this.#runners.values()) runner.signal("SIGCONT");
    await this.place[Symbol.asyncDispose]();
    await this.#postgres?.[Symbol.asyncDispose]();
  }
}

function entries(folder: string): string[] {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch {
    // It is gone.
    return [];
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((each) => each > 1 && works(each) && parentOf(each) === pid);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It is gone.
    return 0;
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    // It is gone.
    return "";
  }
}
