/**
 * Prints the figures that Sluice promises: one line each for people, or NDJSON with --json. `npm run bench -- cli step`
 * runs some of the suites. Build first.
 */
import { cliFigures } from "./cli.ts";
import { engineFigures } from "./engine.ts";
import type { Figure } from "./measure.ts";
import { pageFigures } from "./page.ts";
import { runnerFigures } from "./runner.ts";
import { runFigures } from "./run.ts";
import { serverFigures } from "./server.ts";
import { stepFigures } from "./step.ts";

const suites: Readonly<Record<string, () => AsyncIterable<Figure>>> = {
  cli: cliFigures,
  step: stepFigures,
  engine: engineFigures,
  server: serverFigures,
  run: runFigures,
  runner: runnerFigures,
  page: pageFigures,
};
const names = process.argv.slice(2).filter((each) => !each.startsWith("-"));
const json = process.argv.includes("--json");

for (const [name, suite] of Object.entries(suites)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for await (const figure of suite()) console.log(json ? JSON.stringify(figure) : line(figure));
}

function line({ name, value, unit, limit, promise }: Figure): string {
  const figure = `${name}: ${round(value)} ${unit}`;
  if (limit === undefined)
    return promise === undefined ? figure : `${figure} (promised: ${promise} ${unit}) ${value <= promise ? "✓" : "✕"}`;
  const ratio = value / limit.value;
  const verdict = promise === undefined ? "" : `, promised: ${promise}× ${ratio <= promise ? "✓" : "✕"}`;
  return `${figure}; ${limit.name}: ${round(limit.value)} ${unit}; ${ratio.toFixed(2)}×${verdict}`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
