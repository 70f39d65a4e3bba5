import { existsSync, globSync } from "node:fs";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastingPort } from "./port.ts";
import { run } from "./sluice.ts";

/** The newest PostgreSQL that Debian installed; undefined if there is none. */
const programs = globSync("/usr/lib/postgresql/*/bin")
  .filter((folder) => existsSync(join(folder, "initdb")))
  .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
  .at(-1);

export const hasPostgres = programs !== undefined;

/** `fast` closes its sessions and shuts down; `immediate` is a crash, and the next start recovers from it. */
export type StopMode = "fast" | "immediate";

/** A PostgreSQL server for one test, which can restart it. Leaving the scope stops and removes it. */
export class OwnPostgres implements AsyncDisposable {
  /** The address of a database. */
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `postgres://sluice@127.0.0.1:${port}/postgres`;
  }

  static async start(): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-postgres-"));
    const place = new OwnPostgres(folder, await lastingPort());
    try {
      if (process.getuid?.() === 0) await chown(folder, ...(await postgresUser()));
      await place.#run("initdb", "--username=sluice", "--auth=trust", "--no-sync");
      await place.startAgain();
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
    return place;
  }

  /** Resolves when it accepts connections. */
  async startAgain(): Promise<void> {
    // Tests kill processes, never the machine: nothing has to reach the disk.
    const settings = `-p ${this.#port} -c listen_addresses=127.0.0.1 -c fsync=off -k ${this.#folder}`;
    await this.#run("pg_ctl", "-l", join(this.#folder, "log"), "-w", "-o", settings, "start");
  }

  /** Resolves when it has exited. */
  async stop(mode: StopMode): Promise<void> {
    await this.#run("pg_ctl", "-m", mode, "-w", "stop");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("immediate").catch(() => {
      // Stopped already, or never started.
    });
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #run(program: string, ...args: readonly string[]): Promise<void> {
    if (programs === undefined) throw new Error("This machine has no PostgreSQL.");
    // It refuses to run as root.
    const as = process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];
    const [command = "", ...rest] = [...as, join(programs, program), "-D", join(this.#folder, "data"), ...args];
    const { code, stdout, stderr } = await run(command, rest, { cwd: this.#folder, env: { LC_ALL: "C.UTF-8" } });
    if (code !== 0) throw new Error(`${program}: ${stderr}${stdout}`);
  }
}

async function postgresUser(): Promise<[uid: number, gid: number]> {
  const [, , uid, gid] = /^postgres:.*$/m.exec(await readFile("/etc/passwd", "utf8"))?.[0].split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new Error("There is no user postgres.");
  return [Number(uid), Number(gid)];
}
