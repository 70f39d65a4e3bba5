import { homedir } from "node:os";
import type { System } from "../port.ts";

/**
 * What steps learn about the runner's own environment: who and where it runs, and nothing that could contain a secret.
 */
const passedOn = new Set(["HOME", "PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME"]);

const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The part of an environment that steps can see. It always has a PATH and a HOME. */
export function machineEnvironment(from: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = { PATH: usualPath, HOME: homedir() };
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && value !== "" && (passedOn.has(name) || name.startsWith("LC_"))) env[name] = value;
  }
  return env;
}

/** This machine's system. */
export function machineSystem(): System {
  return {
    os: systems[process.platform] ?? "Linux",
    arch: processors[process.arch] ?? process.arch.toUpperCase(),
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}

const systems: Readonly<Record<string, string>> = { linux: "Linux", darwin: "macOS", win32: "Windows" };
const processors: Readonly<Record<string, string>> = { x64: "X64", ia32: "X86", arm: "ARM", arm64: "ARM64" };
