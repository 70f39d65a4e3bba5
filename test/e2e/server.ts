import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Another build can be tested by naming its binary. */
const binary = process.env.SLUICE_BIN ?? join(import.meta.dirname, "../../bin/sluice");

/** A built server on a data folder of its own, on a port that was free. */
export interface TestServer {
  readonly url: string;
  /** The first admin token, as the server printed it. */
  readonly token: string;
  /** An empty folder beside the data, for working trees. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts `bin/sluice server`; rejects with its output when it does not come up within a minute. */
export async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "sluice e2e "));
  // Jobs of a server that is root run as another user, who must get through.
  await chmod(folder, 0o755);
  const child = spawn(binary, ["server", "--data", join(folder, "data"), "--listen", "127.0.0.1:0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return { ...(await announced(child)), folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function announced(child: ChildProcess): Promise<{ url: string; token: string }> {
  let output = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The server did not come up within a minute. It said:\n${output}`)),
      60_000,
    );
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /listens on (http:\/\/[^\s]+)/.exec(output)?.[1];
      const token = /token[^:]*: (\S+)/i.exec(output)?.[1];
      if (url === undefined || token === undefined) return;
      clearTimeout(timer);
      resolve({ url, token });
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${code}. It said:\n${output}`));
    });
  });
}

/** Ends our own child by its id; what has not ended 10 s after SIGTERM is killed. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}

/** Commits `files` (path → content) in a working tree of that name, and pushes them over HTTP to the server's repository of that name, to `branch`. */
export async function push(
  server: TestServer,
  repository: string,
  message: string,
  files: Readonly<Record<string, string>>,
  branch = "main",
): Promise<void> {
  const tree = join(server.folder, repository);
  const author = ["-c", "user.name=Mira Halvorsen", "-c", "user.email=mira@example.org"];
  const git = (...args: string[]) =>
    run("git", [...author, ...args], { cwd: tree, env: { ...process.env, GIT_TERMINAL_PROMPT: "0" } });
  await mkdir(tree, { recursive: true });
  await git("init", "--quiet", "--initial-branch=main");
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", `--message=${message}`);
  const { host } = new URL(server.url);
  await git("push", "--quiet", `http://x:${server.token}@${host}/git/${repository}.git`, `HEAD:refs/heads/${branch}`);
}
