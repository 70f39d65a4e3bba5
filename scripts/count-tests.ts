/** Adds up Vitest's JSON reports and prints `N passed, N failed, N skipped`; fails when a report is missing. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number(), numFailedTestSuites: z.number() });

let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of process.argv.slice(2)) {
  const each = report.parse(JSON.parse(readFileSync(file, "utf8")));
  passed += each.numPassedTests;
  failed += each.numFailedTests;
  skipped += each.numPendingTests;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
