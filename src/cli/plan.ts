import type { Command } from "commander";
import { exitCode } from "./exit.ts";
import { type EventOptions, addEventOptions } from "./run/options.ts";

export function register(program: Command): void {
  addEventOptions(
    program
      .command("plan")
      .description("compile one workflow for an event and print the plan as JSON")
      .argument("<file>", "the workflow file"),
  ).action(async (file: string, options: EventOptions) => {
    const { compileTree } = await import("./run/compile.ts");
    const { formatDiagnostic } = await import("./diagnostics.ts");
    const { compilations } = await compileTree([file], options);
    const diagnostics = compilations.flatMap((each) => each.diagnostics);
    for (const each of diagnostics) process.stderr.write(`${formatDiagnostic(each)}\n`);
    const plans = compilations.flatMap((each) => (each.plan === undefined ? [] : [each.plan]));
    for (const each of compilations) {
      if (each.skipped !== undefined) process.stderr.write(`${each.file}: skipped: ${each.skipped}\n`);
    }
    if (diagnostics.some((each) => each.severity === "error")) process.exitCode = exitCode.invalid;
    const [plan] = plans;
    if (plan !== undefined) process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  });
}
