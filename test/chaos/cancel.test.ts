import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { processesIn, works } from "../support/program.ts";
import { until, untilTrue } from "../support/until.ts";

/** Whether the jobs run inside the server or on a runner of their own. */
const runners = ["embedded", "separate"] as const;

/** A step that writes the ids of its processes to a file, "ready" behind them, and never ends by itself. */
interface Endless {
  readonly name: string;
  /** `$PIDS` is the file. */
  readonly script: string;
  readonly pids: number;
  /** The grace that it has to be given, in milliseconds. */
  readonly notBefore?: number;
}

const endless: readonly Endless[] = [
  { name: "that does as it is told", script: 'echo $$ >> "$PIDS"; echo ready >> "$PIDS"; sleep 3600', pids: 1 },
  {
    name: "that forked children and a daemon",
    script:
      'sleep 3600 & echo $! >> "$PIDS"; (setsid sh -c \'echo $$ >> "$PIDS"; trap "" TERM HUP; cd /; while :; do sleep 1; done\' &) ; until [ $(wc -l < "$PIDS") = 2 ]; do sleep 0.01; done; echo $$ >> "$PIDS"; echo ready >> "$PIDS"; wait',
    pids: 3,
  },
  {
    name: "that ignores TERM with its children",
    script:
      'trap "" TERM; (trap "" TERM; while :; do sleep 1; done) & echo $! >> "$PIDS"; echo $$ >> "$PIDS"; echo ready >> "$PIDS"; while :; do sleep 1; done',
    pids: 2,
    // After the grace: 5 s for the runner inside the server, 10 s for others.
    notBefore: 4_500,
  },
];

describe.concurrent.each(runners)("a cancel, with a runner that is %s", (where) => {
  it.each(endless)(
    "reaches a step $name, and nothing of it survives",
    async ({ script, pids: count, notBefore = 0, name }) => {
      await using place = await Installation.start({
        config: { runner: { embedded: where === "embedded", labels: ["host"] } },
      });
      if (where === "separate") await place.startRunner("ann");
      const pids = place.witness("pids");
      const later = place.witness("later");
      const sha = await place.push("cancelled", {
        ".github/workflows/ci.yml": `
on: push
jobs:
  endless:
    runs-on: host
    env: { PIDS: '${pids.path}' }
    steps:
      - name: endless
        run: |
          ${script}
      - run: echo never >> ${later.quoted}
      - if: cancelled()
        run: echo "tidied up" >> ${later.quoted}
  after:
    needs: endless
    runs-on: host
    steps: [{ run: 'echo never >> ${later.path}' }]
`,
      });
      await pids.shows("ready");
      const ids = pids.lines.filter((line) => line !== "ready").map(Number);
      expect(ids).toHaveLength(count);
      expect(ids.filter(works)).toEqual(ids);
      const { job } = await place.stepOf(sha, "endless", "endless");
      const run = await until("the run", () => place.runOf(sha));
      const asked = performance.now();
      await place.ask("POST", `/api/v1/runs/${run.id}/cancel`);
      // The last id is the step's own shell; what it left behind may go when the job ends.
      await untilTrue("the end of the step", () => !works(ids.at(-1) ?? 0));
      const took = performance.now() - asked;
      console.log(`a cancel ended a step ${name} (${where} runner) after ${Math.round(took)} ms`);
      expect(took).toBeGreaterThan(notBefore);
      const ended = await place.endOf(sha);
      expect(ended.status).toBe("cancelled");
      expect(ended.jobs.map((each) => [each.job, each.status])).toEqual([
        ["endless", "cancelled"],
        ["after", expect.stringMatching(/cancelled|skipped/)],
      ]);
      expect(
        (await place.get<{ steps: { status: string }[] }>(`/api/v1/jobs/${job.id}`)).steps.map((step) => step.status),
      ).toEqual(["cancelled", "skipped", "success"]);
      expect(later.lines).toEqual(["tidied up"]);
      expect(ids.filter(works)).toEqual([]);
      const programs = new Set(place.running.map((program) => program.pid));
      await untilTrue("the end of all processes but ours", () =>
        processesIn(place.folder).every((pid) => programs.has(pid)),
      );
    },
  );
});
