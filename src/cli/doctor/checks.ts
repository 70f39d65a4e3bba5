import { constants } from "node:fs";
import { access, mkdir, rm, rmdir, stat, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Config } from "../../config/index.ts";
import { git } from "../../forge/index.ts";
import { messageOf, SluiceError } from "../../model/index.ts";
import { checkJobUser, controlSocket } from "../../server/index.ts";

export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "error";
  readonly detail: string;
  /** How to fix it. */
  readonly help?: string;
}

type Check = (config: Config) => Promise<Finding>;

const mebibyte = 1024 * 1024;

/** Each checks one thing reliably, and undoes whatever it changes. */
export const checks: readonly Check[] = [node, gitVersion, gitHttp, dataFolder, jobsUser, diskSpace, address];

async function node(): Promise<Finding> {
  const major = Number(process.versions.node.split(".")[0]);
  const detail = `Node ${process.versions.node}`;
  return major >= 24
    ? { check: "node", state: "ok", detail }
    : { check: "node", state: "error", detail, help: "Use Node 24 or newer." };
}

async function gitVersion(): Promise<Finding> {
  try {
    const text = (await git(undefined, ["--version"])).toString("utf8").trim();
    const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
    // git honours safe.directory on the command line since 2.37.
    if (major > 2 || (major === 2 && minor >= 37)) return { check: "git", state: "ok", detail: text };
    return { check: "git", state: "error", detail: text, help: "Install git 2.37 or newer." };
  } catch (error) {
    return {
      check: "git",
      state: "error",
      detail: messageOf(error),
      help: "Install git, and make sure it is on the PATH.",
    };
  }
}

async function gitHttp(): Promise<Finding> {
  try {
    const program = join((await git(undefined, ["--exec-path"])).toString("utf8").trim(), "git-http-backend");
    await access(program, constants.X_OK);
    return { check: "git over HTTP", state: "ok", detail: program };
  } catch (error) {
    return {
      check: "git over HTTP",
      state: "error",
      detail: messageOf(error),
      help: "Install your system's package with git-http-backend (often git-daemon or git-http-backend).",
    };
  }
}

async function dataFolder(config: Config): Promise<Finding> {
  try {
    const made = await mkdir(config.data, { recursive: true, mode: 0o700 });
    const probe = join(config.data, `.doctor-${process.pid}`);
    await writeFile(probe, "probe", { flush: true });
    await rm(probe);
    // Remove only the folders created for this check.
    if (made !== undefined) await removeEmpty(config.data, made);
    return {
      check: "data folder",
      state: "ok",
      detail: made === undefined ? `${config.data} is writable` : `${config.data} can be created`,
    };
  } catch (error) {
    return {
      check: "data folder",
      state: "error",
      detail: messageOf(error),
      help: "Give the server's user write access to it, or name another folder with --data.",
    };
  }
}

/** Removes the folder and its parents, up to the outermost one created. */
async function removeEmpty(folder: string, outermost: string): Promise<void> {
  await rmdir(folder);
  if (folder !== outermost) await removeEmpty(dirname(folder), outermost);
}

async function jobsUser(config: Config): Promise<Finding> {
  const check = "jobs";
  if (!config.runner.embedded) return { check, state: "ok", detail: "run on other runners" };
  try {
    const user = await checkJobUser(config);
    if (user !== undefined) return { check, state: "ok", detail: `run as ${user}` };
    if (process.getuid?.() !== 0 || config.runner.backend !== "host")
      return { check, state: "ok", detail: "run as the server's user" };
    return {
      check,
      state: "warning",
      detail: "run as root and can read everything the server has",
      help: "Remove `runner.user`, or name another user.",
    };
  } catch (error) {
    return {
      check,
      state: "error",
      detail: messageOf(error),
      ...(error instanceof SluiceError ? { help: error.help } : {}),
    };
  }
}

async function diskSpace(config: Config): Promise<Finding> {
  let folder = config.data;
  while (
    !(await stat(folder).then(
      () => true,
      () => false,
    )) &&
    dirname(folder) !== folder
  )
    folder = dirname(folder);
  const { bavail, bsize, ffree, files } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / mebibyte);
  const detail = `${free} MiB free on the volume of ${folder}`;
  const help = "Free space, or move the data folder to a larger volume.";
  if (free < 200) return { check: "disk space", state: "error", detail, help };
  if (files > 0 && ffree < 1000)
    return { check: "disk space", state: "error", detail: `${ffree} inodes free on the volume of ${folder}`, help };
  return free < 2048
    ? { check: "disk space", state: "warning", detail, help }
    : { check: "disk space", state: "ok", detail };
}

async function address(config: Config): Promise<Finding> {
  const { host, port } = config.listen;
  const place = `${host}:${port}`;
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (problem === undefined) return { check: "address", state: "ok", detail: `${place} is free` };
  if (
    problem.code === "EADDRINUSE" &&
    (await stat(controlSocket(config.data)).then(
      () => true,
      () => false,
    ))
  ) {
    return {
      check: "address",
      state: "ok",
      detail: `${place} is in use; a server seems to be running on the data folder`,
    };
  }
  return {
    check: "address",
    state: "error",
    detail: `${place}: ${problem.message}`,
    help: "Choose another address with --listen, or stop the program that uses it.",
  };
}
