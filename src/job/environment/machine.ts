import { homedir } from "node:os";

/** What steps get to know of the runner's own environment: who and where it runs, and nothing that could hold a secret. */
const passedOn = new Set(["HOME", "PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME"]);

const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The part of an environment that steps may see. There is always a PATH and a HOME. */
export function machineEnvironment(from: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = { PATH: usualPath, HOME: homedir() };
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && value !== "" && (passedOn.has(name) || name.startsWith("LC_"))) env[name] = value;
  }
  return env;
}

/** The names GitHub has for the machine's system and processor. */
export function runnerSystem(): { readonly os: string; readonly arch: string } {
  return { os: systems[process.platform] ?? "Linux", arch: processors[process.arch] ?? process.arch.toUpperCase() };
}

const systems: Readonly<Record<string, string>> = { linux: "Linux", darwin: "macOS", win32: "Windows" };
const processors: Readonly<Record<string, string>> = { x64: "X64", ia32: "X86", arm: "ARM", arm64: "ARM64" };
