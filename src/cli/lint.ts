import type { Command } from "commander";
import { exitCode } from "./exit.ts";

export function register(program: Command): void {
  program
    .command("lint")
    .description("check workflow files without running them")
    .argument("[path...]", "files or folders (default: the workflows of the current folder)")
    .option("--json", "print the diagnostics as one JSON array")
    .action(async (paths: string[], options: { json?: boolean }) => {
      const { lintPaths } = await import("./lint/paths.ts");
      const { formatDiagnostic } = await import("./diagnostics.ts");
      const { diagnostics, files } = lintPaths(paths);
      const errors = diagnostics.filter((each) => each.severity === "error").length;
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(diagnostics, null, 2)}\n`);
      } else {
        for (const diagnostic of diagnostics) process.stdout.write(`${formatDiagnostic(diagnostic)}\n`);
        const warnings = diagnostics.length - errors;
        process.stdout.write(`${count(files, "file")}: ${count(errors, "error")}, ${count(warnings, "warning")}\n`);
      }
      process.exitCode = errors > 0 ? exitCode.failure : exitCode.success;
    });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
