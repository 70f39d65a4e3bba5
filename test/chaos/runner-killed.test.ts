import { describe, expect, it } from "vitest";
import type { RunDetail } from "../../src/model/index.ts";
import { Installation } from "../support/installation.ts";
import { processesIn, works } from "../support/program.ts";
import { until, untilTrue } from "../support/until.ts";

const separate = { config: { runner: { embedded: false } } };
/**
 * Milliseconds until the first attempt of the only job is lost: 28,000 and less. What is promised, 30 s and not before 27,
 * is tested to the second where the clock is the test's; here a machine that does much else may take longer.
 */
async function untilLost(place: Installation, sha: string, since: number): Promise<number> {
  await until(
    "the lost job",
    async () => {
      const run = await place.runOf(sha);
      return [...(run?.jobs ?? []), ...(run?.earlier ?? [])].find((job) => job.attempt === 1)?.status === "lost"
        ? true
        : undefined;
    },
    150,
  );
  return performance.now() - since;
}

const attempts = (run: RunDetail): unknown =>
  [...run.jobs, ...run.earlier].map((job) => [job.status, job.attempt, job.runner]);

// Each waits for the half minute that a runner may be silent: all of them at once.
describe.concurrent("a separate runner", () => {
  it("that is killed loses its job, which another one runs once more when the job asks for that", async () => {
    await using place = await Installation.start(separate);
    const steps = place.witness("steps");
    const first = await place.startRunner("first");
    const sha = await place.push("retried", {
      ".sluice/ci.yml": `
triggers: [push]
runs_on: [host]
retry: { lost: 1 }
steps:
  - { name: one, type: run_command, command: 'echo one >> ${steps.path}' }
  - { name: two, type: run_command, command: 'echo two >> ${steps.path}; if [ $(grep -cx two ${steps.path}) = 1 ]; then sleep 3600; fi' }
  - { name: three, type: run_command, command: 'echo three >> ${steps.path}' }
`,
    });
    await steps.shows("two");
    await first.kill();
    const killed = performance.now();
    await place.startRunner("second");
    const took = await untilLost(place, sha, killed);
    console.log(`a killed runner was noticed after ${(took / 1000).toFixed(1)} s (retried)`);
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(attempts(run)).toEqual([
      ["success", 2, "second"],
      ["lost", 1, "first"],
    ]);
    expect(run.earlier[0]?.reason).toMatch(/silent for \d+ s/);
    expect(steps.lines).toEqual(["one", "two", "one", "two", "three"]);
  });

  it("that is killed fails its run when the job does not ask to be run again, and the next start clears up after it", async () => {
    await using place = await Installation.start(separate);
    const steps = place.witness("steps");
    const pids = place.witness("pids");
    const runner = await place.startRunner("only");
    const other = await place.startRunner("other", { labels: "spare" });
    const sha = await place.push("lost", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  deploy:
    runs-on: host
    steps:
      - run: echo deploy >> ${steps.quoted}; echo $$ >> ${pids.quoted}; sleep 3600
      - run: echo never >> ${steps.quoted}
  after:
    needs: deploy
    runs-on: spare
    steps: [{ run: 'echo never >> ${steps.path}' }]
`,
    });
    const [pid = 0] = (await pids.has(1)).map(Number);
    await runner.kill();
    const killed = performance.now();
    expect(works(pid)).toBe(true);
    await place.startRunner("only");
    expect(works(pid)).toBe(false);
    const took = await untilLost(place, sha, killed);
    console.log(`a killed runner was noticed after ${(took / 1000).toFixed(1)} s (not retried)`);
    const run = await place.endOf(sha);
    expect(run.status).toBe("failure");
    expect(run.jobs.map((job) => [job.job, job.status, job.attempt])).toEqual([
      ["deploy", "lost", 1],
      ["after", "skipped", 1],
    ]);
    expect(run.earlier).toEqual([]);
    expect(steps.lines).toEqual(["deploy"]);
    expect(other.running).toBe(true);
  });

  it("that sleeps for too long and wakes up is fenced off, and the job is the next runner's", async () => {
    await using place = await Installation.start(separate);
    const steps = place.witness("steps");
    const pids = place.witness("pids");
    const go = place.witness("go");
    const sleeper = await place.startRunner("sleeper");
    const sha = await place.push("fenced", {
      ".sluice/ci.yml": `
triggers: [push]
runs_on: [host]
retry: { lost: 1 }
steps:
  - name: work
    type: run_command
    command: |
      echo $RUNNER_NAME >> ${steps.path}
      if [ $RUNNER_NAME = sleeper ]; then
        echo $$ >> ${pids.path}
        setsid sleep 3600 & echo $! >> ${pids.path}
        while :; do echo "of the sleeper"; sleep 0.01; done
      fi
      echo "of the other"
      until [ -e ${go.path} ]; do sleep 0.01; done
  - { name: last, type: run_command, command: 'echo "last of $RUNNER_NAME" >> ${steps.path}' }
`,
    });
    const left = (await pids.has(2)).map(Number);
    const { job: before } = await place.stepOf(sha, "main", "work");
    sleeper.signal("SIGSTOP");
    const stopped = performance.now();
    await place.startRunner("other");
    const took = await untilLost(place, sha, stopped);
    console.log(`a sleeping runner was noticed after ${(took / 1000).toFixed(1)} s`);
    await steps.shows("other");
    const lost = await place.rawLog(before.id, 0);
    const { job: now } = await place.stepOf(sha, "main", "work");
    expect(now.id).not.toBe(before.id);

    // It has seconds of output to tell, in the middle of the other's work.
    sleeper.signal("SIGCONT");
    await sleeper.says(/dropped/);
    await untilTrue("the end of the sleeper's processes", () => left.every((pid) => !works(pid)));
    expect(processesIn(`${place.folder}/work-of-sleeper`).filter((pid) => pid !== sleeper.pid)).toEqual([]);
    go.write();
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(attempts(run)).toEqual([
      ["success", 2, "other"],
      ["lost", 1, "sleeper"],
    ]);
    expect(steps.lines).toEqual(["sleeper", "other", "last of other"]);
    expect((await place.rawLog(before.id, 0)).equals(lost)).toBe(true);
    expect((await place.rawLog(now.id, 0)).toString()).not.toContain("of the sleeper\n");
    // It is a runner like any other again.
    expect(sleeper.running).toBe(true);
  });

  it("that is killed together with the server loses its job some time after the next start", async () => {
    await using place = await Installation.start(separate);
    const steps = place.witness("steps");
    const runner = await place.startRunner("first");
    const sha = await place.push("both", {
      ".woodpecker.yml": `
when: { event: push }
labels: { sluice.retry-lost: 1 }
skip_clone: true
steps:
  - { name: one, image: bash, commands: ['echo one >> ${steps.path}'] }
  - { name: two, image: bash, commands: ['echo two >> ${steps.path}; if [ $(grep -cx two ${steps.path}) = 1 ]; then sleep 3600; fi'] }
`,
    });
    await steps.shows("two");
    await Promise.all([runner.kill(), place.server.kill()]);
    await place.startServer();
    const started = performance.now();
    await place.startRunner("second");
    const took = await untilLost(place, sha, started);
    console.log(`a runner that was killed with the server was noticed ${(took / 1000).toFixed(1)} s after the start`);
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(attempts(run)).toEqual([
      ["success", 2, "second"],
      ["lost", 1, "first"],
    ]);
    expect(steps.lines).toEqual(["one", "two", "one", "two"]);
  });
});
