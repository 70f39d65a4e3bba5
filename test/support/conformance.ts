import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The folder of real cases, kept beside the project; undefined where it is absent. */
export const conformance: string | undefined = find();

/** Printed by suites that have nothing to run against. */
export const noConformance = "the conformance cases are absent: set SLUICE_CONFORMANCE to their folder";

function find(): string | undefined {
  const folder = resolve(process.env["SLUICE_CONFORMANCE"] ?? "../shared/conformance");
  if (existsSync(folder)) return folder;
  console.warn(`skipped: ${noConformance} (looked in ${folder})`);
  return undefined;
}
