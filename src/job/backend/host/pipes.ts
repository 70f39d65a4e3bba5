import { execFile } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { SluiceError, messageOf } from "../../../model/index.ts";
import { writeOwner } from "./owner.ts";
import { randomHex } from "./random.ts";

/** A pipe of the operating system: bytes written to `write` come out of `read`. */
export interface Pipe {
  /** Non-blocking; empty reads return EAGAIN. */
  readonly read: number;
  /** Blocks when the pipe is full; pass it to a child and close it here. */
  readonly write: number;
  /** Returns the pipe's name for reuse if every writer is gone, or discards it. */
  release(clean: boolean): void;
}

/** How many are made at first, and later: most jobs run one step at a time, and files are dear on a busy file system. */
const firstBatch = 2;
const batch = 8;

/**
 * Creates pipes for the output of steps, as reusable named pipes.
 *
 * Node gives children sockets for output. Scripts cannot open those by name: `echo … > /dev/stderr` fails with "No such
 * device or address", and scripts do that all the time. One named pipe for both streams also keeps their order. They
 * cost one `mkfifo` process for every eight steps that run at the same time.
 */
export class Pipes {
  private readonly root: string;
  private folder: string | undefined;
  private free: string[] = [];
  private count = 0;
  private making: Promise<void> | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /** Creates the first pipes in the background, before a step needs one. Harmless if they exist. */
  prepare(): void {
    if (this.free.length === 0) this.more().catch(() => undefined); // `open` creates them again and reports the error.
  }

  async open(): Promise<Pipe> {
    for (let attempt = 0; ; attempt += 1) {
      while (this.free.length === 0) await this.more();
      const path = this.free.pop() ?? "";
      try {
        return this.openPath(path);
      } catch (error) {
        // Someone removed the folder: start over in a new one, once.
        if (attempt > 0) throw error;
        this.free = [];
        this.folder = undefined;
      }
    }
  }

  /** Removes the names; open pipes stay usable. */
  close(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
    this.folder = undefined;
    this.free = [];
  }

  private openPath(path: string): Pipe {
    // Reading end first: otherwise opening the other one would wait for a reader.
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    let write: number;
    try {
      write = openSync(path, constants.O_WRONLY);
    } catch (error) {
      closeSync(read);
      throw error;
    }
    return { read, write, release: (clean) => this.takeBack(path, clean) };
  }

  private takeBack(path: string, clean: boolean): void {
    if (clean && this.folder !== undefined && path.startsWith(this.folder)) this.free.push(path);
    else {
      try {
        unlinkSync(path);
      } catch {
        // The folder is gone already, and the name with it.
      }
    }
  }

  private more(): Promise<void> {
    this.making ??= this.make().finally(() => {
      this.making = undefined;
    });
    return this.making;
  }

  private async make(): Promise<void> {
    this.folder ??= makeFolder(this.root);
    const paths = Array.from({ length: this.count === 0 ? firstBatch : batch }, () =>
      join(this.folder ?? "", String((this.count += 1))),
    );
    try {
      await mkfifo(paths);
    } catch (error) {
      throw new SluiceError(
        "unavailable",
        `Cannot create pipes for the output of steps in ${this.folder}: ${messageOf(error)}`,
        {
          help: "Install `mkfifo` (coreutils or busybox), and put the work folder on a file system that supports named pipes.",
          cause: error,
        },
      );
    }
    this.free.push(...paths);
  }
}

function mkfifo(paths: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("mkfifo", ["-m", "600", ...paths], { env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" } }, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

const pools = new Map<string, Pipes>();

function closeAll(): void {
  for (const pool of pools.values()) pool.close();
}

/** The pipes below a work folder; jobs share them. They are removed when this process exits. */
export function pipesIn(workRoot: string): Pipes {
  let pool = pools.get(workRoot);
  if (pool === undefined) {
    if (pools.size === 0) process.once("exit", closeAll);
    pool = new Pipes(workRoot);
    pools.set(workRoot, pool);
  }
  return pool;
}

function makeFolder(root: string): string {
  const folder = join(root, `pipes-${randomHex(8)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeOwner(folder);
  return folder;
}
