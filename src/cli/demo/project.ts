import { execFile } from "node:child_process";
import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SluiceError, messageOf } from "../../model/index.ts";

const run = promisify(execFile);

/** The sample project. This code runs from a part of the build, two folders below the package root. */
const sample = fileURLToPath(new URL("../../examples/greeter", import.meta.url));

/**
 * Commits the sample project: copies it the first time, and adds a greeting to its log each time after. Returns the
 * commit.
 */
export async function commitSample(folder: string, now: Date): Promise<string> {
  const fresh = !(await exists(join(folder, ".git")));
  if (fresh) {
    // It is in the data folder, which jobs can pass through.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await cp(sample, folder, { recursive: true });
    await git(folder, "init", "--quiet", "--initial-branch=main");
  }
  const log = join(folder, "GREETINGS.md");
  const before = await readFile(log, "utf8").catch(() => "# Greetings\n\n");
  await writeFile(log, `${before}- ${now.toISOString()}\n`);
  await git(folder, "add", "--all");
  await git(
    folder,
    "commit",
    "--quiet",
    "--message",
    fresh ? "Greet the world" : `Greet the world again, at ${now.toISOString().slice(11, 16)} UTC`,
  );
  return git(folder, "rev-parse", "HEAD");
}

/** Pushes the branch as a person would. The token is passed in the environment, not on the command line. */
export async function push(folder: string, url: string, token: string): Promise<void> {
  const address = new URL(url);
  address.username = "demo";
  await git(
    folder,
    "-c",
    `credential.helper=!f() { test "$1" = get && echo "password=$SLUICE_DEMO_TOKEN"; }; f`,
    "push",
    "--quiet",
    address.href,
    "main",
    { SLUICE_DEMO_TOKEN: token },
  );
}

async function git(folder: string, ...words: (string | Readonly<Record<string, string>>)[]): Promise<string> {
  const args = words.filter((each) => typeof each === "string");
  const extra: Readonly<Record<string, string>> = Object.assign(
    {},
    ...words.filter((each) => typeof each !== "string"),
  );
  const person = {
    GIT_AUTHOR_NAME: "Ada Example",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada Example",
    GIT_COMMITTER_EMAIL: "ada@example.org",
  };
  try {
    const { stdout } = await run("git", ["-C", folder, ...args], {
      env: {
        ...process.env,
        ...person,
        ...extra,
        GIT_TERMINAL_PROMPT: "0",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_NOSYSTEM: "1",
      },
    });
    return stdout.trim();
  } catch (error) {
    throw new SluiceError(
      "git-failed",
      `git ${args.find((each) => /^[a-z]/.test(each)) ?? ""} failed in ${folder}: ${messageOf(error)}`,
      { cause: error, help: "Check that git is installed and the folder is writable." },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
