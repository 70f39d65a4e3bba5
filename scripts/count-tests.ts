/**
 * Adds up Vitest's JSON reports: names every failed test with its place and the beginning of its message, then prints
 * `N passed, N failed, N skipped` as the last line. A file that could not be loaded and a missing report each count as
 * a failure.
 */
import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

const assertion = z.object({
  fullName: z.string(),
  status: z.string(),
  failureMessages: z.array(z.string()).nullish(),
});
const report = z.object({
  numPassedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(assertion),
    }),
  ),
});
/** Lines of a failure's message to show; the suite's output has all of it. */
const shownLines = 12;

let passed = 0;
let skipped = 0;
const failures: string[] = [];
for (const file of process.argv.slice(2)) {
  const suite = basename(file, ".json");
  const each = read(file);
  if (typeof each === "string") {
    failures.push(failure(suite, "no report", each));
    continue;
  }
  passed += each.numPassedTests;
  skipped += each.numPendingTests;
  for (const { name, status, message, assertionResults } of each.testResults) {
    const place = `${suite}: ${relative(process.cwd(), name)}`;
    const failed = assertionResults.filter((test) => test.status === "failed");
    failures.push(...failed.map((test) => failure(place, test.fullName, test.failureMessages?.join("\n") ?? "")));
    if (status === "failed" && failed.length === 0) failures.push(failure(place, "could not be run", message ?? ""));
  }
}
for (const each of failures) console.log(each);
console.log(`${passed} passed, ${failures.length} failed, ${skipped} skipped`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

/** The report, or why there is none. */
function read(file: string): z.infer<typeof report> | string {
  try {
    return report.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    return `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function failure(place: string, name: string, message: string): string {
  const lines = stripVTControlCharacters(message).split("\n").slice(0, shownLines);
  return [`failed: ${place}: ${name}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}
