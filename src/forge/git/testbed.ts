import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createRepository } from "./repository.ts";

const run = promisify(execFile);

/** For tests: a bare repository and a working tree that pushes to it, driven by the git that users have. */
export class Testbed implements AsyncDisposable {
  readonly folder: string;
  readonly bare: string;
  readonly tree: string;

  constructor(folder: string) {
    this.folder = folder;
    this.bare = join(folder, "bare 'quoted' dir.git");
    this.tree = join(folder, "tree");
  }

  static async create(): Promise<Testbed> {
    const bed = new Testbed(await mkdtemp(join(tmpdir(), "sluice-git-")));
    await createRepository(bed.bare, "main");
    await bed.git(bed.folder, "init", "--quiet", "-b", "main", bed.tree);
    await bed.git(bed.tree, "remote", "add", "origin", bed.bare);
    return bed;
  }

  /** Runs git as a user would, and returns its trimmed output. */
  async git(cwd: string, ...args: string[]): Promise<string> {
    const identity = {
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org",
    };
    const environment = {
      PATH: process.env["PATH"],
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      USER: "ada",
      ...identity,
    };
    const { stdout } = await run("git", args, { cwd, env: environment, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  }

  /** Writes files, commits them and returns the commit's name. */
  async commit(message: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.tree, path)), { recursive: true });
      await writeFile(join(this.tree, path), text);
    }
    await this.git(this.tree, "add", "--all");
    await this.git(this.tree, "commit", "--quiet", "--allow-empty", "-m", message);
    return this.git(this.tree, "rev-parse", "HEAD");
  }

  async push(...args: string[]): Promise<void> {
    await this.git(this.tree, "push", "--quiet", "origin", ...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
