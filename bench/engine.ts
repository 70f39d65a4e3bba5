import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { advance, createRun } from "../src/engine/index.ts";
import type { Plan } from "../src/model/index.ts";
import { type Figure, inScratch, quantile } from "./measure.ts";

const cells = 256;

/** The engine's time for one input of a large run, beside the commit that stores it. */
export async function* engineFigures(): AsyncIterable<Figure> {
  yield await inScratch((folder) => ({
    name: `one event of a run of ${cells} jobs, in the engine`,
    value: quantile(events(), 0.5),
    unit: "ms",
    limit: {
      name: "one durable commit of SQLite",
      value: quantile(commits(join(folder, "commits.db")), 0.5),
    },
  }));
}

/** Milliseconds for the start and the end of each job. */
function events(): readonly number[] {
  const plan: Plan = {
    version: 1,
    dialect: "actions",
    workflow: "ci",
    name: "ci",
    source: { path: "ci", sha: "0".repeat(40) },
    needs: [],
    env: {},
    systemEnv: {},
    contexts: {},
    jobs: [
      {
        id: "m",
        needs: [],
        runsOn: "linux",
        services: [],
        env: {},
        outputs: {},
        steps: [],
        strategy: { matrix: { v: Array.from({ length: cells }, (_, index) => index) }, failFast: true },
      },
    ],
  };
  let { state } = createRun([plan]);
  const times: number[] = [];
  const take = (input: Parameters<typeof advance>[2]): void => {
    const began = performance.now();
    ({ state } = advance([plan], state, input));
    times.push(performance.now() - began);
  };
  for (const { key } of state.jobs) {
    take({ type: "job.started", key, attempt: 1 });
    take({ type: "job.finished", key, attempt: 1, status: "success", outputs: {} });
  }
  if (state.status !== "success") throw new Error(`the run ended with ${state.status}`);
  return times;
}

/** Milliseconds of each commit of a text as large as the rows of one input. */
function commits(file: string): readonly number[] {
  const database = new DatabaseSync(file);
  database.exec("pragma journal_mode = wal; pragma synchronous = full; create table entry (text text) strict");
  const insert = database.prepare("insert into entry values (?)");
  const times = Array.from({ length: 2 * cells }, () => {
    const began = performance.now();
    insert.run("x".repeat(1000));
    return performance.now() - began;
  });
  database.close();
  return times;
}
