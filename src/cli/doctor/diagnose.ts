import { loadConfig } from "../../config/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { DoctorOptions } from "../doctor.ts";
import { exitCode } from "../exit.ts";
import { checks, type Finding } from "./checks.ts";

const marks = { ok: "✓", warning: "!", error: "✕" } as const;

/** Runs all checks and prints their findings. Returns the exit code. */
export async function diagnose(options: DoctorOptions): Promise<number> {
  const { config: file, json, ...overrides } = options;
  const findings: Finding[] = [];
  try {
    const config = await loadConfig(file, overrides);
    findings.push({ check: "configuration", state: "ok", detail: "is valid" });
    for (const check of checks) findings.push(await check(config));
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    findings.push({ check: "configuration", state: "error", detail: error.message, help: error.help });
  }
  if (json === true) process.stdout.write(`${JSON.stringify(findings)}\n`);
  else
    for (const each of findings)
      process.stdout.write(
        `${marks[each.state]} ${each.check}: ${each.detail}\n${each.help === undefined ? "" : `    ${each.help}\n`}`,
      );
  return findings.some((each) => each.state === "error") ? exitCode.failure : exitCode.success;
}
