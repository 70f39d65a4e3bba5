import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { works } from "../support/program.ts";
import { until } from "../support/until.ts";

/** A step that the server has not heard of yet did not begin, for all it knows: after a kill its job would be queued again. */
async function reported(place: Installation, sha: string, jobs: number, attempt: number): Promise<void> {
  await until("the reports of the steps", async () => {
    const running = (await place.runOf(sha))?.jobs.filter(
      (job) => job.attempt === attempt && job.steps.some((step) => step.status === "running"),
    );
    return running?.length === jobs ? true : undefined;
  });
}

describe.concurrent("kill -9 of the server with the runner inside", () => {
  it("the interrupted job is lost at once with what needs it, and everything else goes on", async () => {
    await using place = await Installation.start({ config: { runner: { capacity: 1, labels: ["host"] } } });
    const steps = place.witness("steps");
    const pids = place.witness("pids");
    const sha = await place.push("house", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  broken:
    runs-on: host
    steps:
      - run: echo first >> ${steps.quoted}
      - name: endless
        run: |
          seq -f 'line %.0f' 1 1000
          sleep 3600 & echo $! >> ${pids.quoted}
          setsid sleep 3600 & echo $! >> ${pids.quoted}
          echo $$ >> ${pids.quoted}
          wait
      - run: echo never >> ${steps.quoted}
      - if: always()
        run: echo never >> ${steps.quoted}
  after:
    needs: broken
    runs-on: host
    steps: [{ run: 'echo never >> ${steps.path}' }]
  beside:
    runs-on: host
    steps: [{ run: 'echo beside >> ${steps.path}' }]
`,
    });
    const left = (await pids.has(3)).map(Number);
    const { job, step } = await place.stepOf(sha, "broken", "endless");
    const before = await until("all lines", async () => {
      const page = await place.log(job.id, step.index);
      return page.lines.includes("line 1000") ? page : undefined;
    });
    expect(left.filter(works)).toEqual(left);
    // What a step prints may be there before the word that the step before it has ended.
    await until("the end of the first step", async () => {
      const steps = (await place.runOf(sha))?.jobs.find((each) => each.job === "broken")?.steps;
      return steps?.[0]?.status === "success" && steps[1]?.status === "running" ? true : undefined;
    });
    await place.server.kill();
    // A runner that is a process of its own ends them by itself; the next start does it in any case.
    if (process.getuid?.() === 0) await until("the end of the steps", () => (left.some(works) ? undefined : true));
    await place.startServer();
    const started = performance.now();
    expect(left.filter(works)).toEqual([]);
    const run = await place.endOf(sha);
    console.log(`the run ended ${Math.round(performance.now() - started)} ms after the server listened again`);
    expect(run.status).toBe("failure");
    expect(Object.fromEntries(run.jobs.map((each) => [each.job, each.status]))).toEqual({
      broken: "lost",
      after: "skipped",
      beside: "success",
    });
    const broken = run.jobs.find((each) => each.job === "broken");
    expect(broken?.reason).toBe("the server stopped while the job ran");
    expect(broken?.steps.map((each) => each.status)).toEqual(["success", "cancelled", "skipped", "skipped"]);
    expect(run.earlier).toEqual([]);
    expect(steps.lines).toEqual(["first", "beside"]);
    const log = await until("the end of the log", async () => {
      const page = await place.log(job.id, step.index);
      return page.closed ? page : undefined;
    });
    expect(log.lines).toEqual(before.lines);
    await place.server.kill();
    await place.startServer();
    expect((await place.endOf(sha)).jobs).toEqual(run.jobs);
  });

  it("a lost job starts once more when it asks for that, in every dialect", async () => {
    await using place = await Installation.start({ config: { runner: { capacity: 3, labels: ["host"] } } });
    const steps = place.witness("steps");
    const armed = place.witness("armed");
    /** Waits for ever at the first time, and ends at the second. */
    const script = (name: string): string =>
      `echo ${name} >> ${steps.path}; if grep -qsx ${name} ${armed.path}; then echo again; else echo ${name} >> ${armed.path}; sleep 3600; fi`;
    const sha = await place.push("again", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  actions:
    runs-on: host
    env: { SLUICE_RETRY_LOST: "1" }
    steps:
      - run: echo before >> ${steps.quoted}
      - run: ${script("actions")}
  after:
    needs: actions
    runs-on: host
    steps: [{ run: 'echo after >> ${steps.path}' }]
`,
      ".woodpecker.yml": `
when: { event: push }
labels: { sluice.retry-lost: 1 }
skip_clone: true
steps:
  - { name: woodpecker, image: bash, commands: ['${script("woodpecker")}'] }
`,
      ".sluice/ci.yml": `
triggers: [push]
runs_on: [host]
retry: { lost: 1 }
steps:
  - { name: native, type: run_command, command: '${script("native")}' }
`,
    });
    await armed.has(3);
    await reported(place, sha, 3, 1);
    await place.server.kill();
    await place.startServer();
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(run.jobs.map((job) => [job.workflow, job.status, job.attempt]).toSorted()).toEqual([
      [".github/workflows/ci.yml", "success", 1],
      [".github/workflows/ci.yml", "success", 2],
      [".sluice/ci.yml", "success", 2],
      ["woodpecker", "success", 2],
    ]);
    expect(run.earlier.map((job) => [job.workflow, job.status, job.attempt]).toSorted()).toEqual([
      [".github/workflows/ci.yml", "lost", 1],
      [".sluice/ci.yml", "lost", 1],
      ["woodpecker", "lost", 1],
    ]);
    expect(steps.lines.toSorted()).toEqual([
      "actions",
      "actions",
      "after",
      "before",
      "before",
      "native",
      "native",
      "woodpecker",
      "woodpecker",
    ]);
  });

  it("a job that is lost more often than it asked for stays lost", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    const steps = place.witness("steps");
    const sha = await place.push("often", {
      ".sluice/ci.yml": `
triggers: [push]
runs_on: [host]
retry: { lost: 1 }
steps: [{ name: endless, type: run_command, command: 'echo endless >> ${steps.path}; sleep 3600' }]
`,
    });
    for (const life of [1, 2]) {
      await steps.has(life);
      await reported(place, sha, 1, life);
      await place.server.kill();
      await place.startServer();
    }
    const run = await place.endOf(sha);
    expect(run.status).toBe("failure");
    expect([...run.jobs, ...run.earlier].map((job) => [job.status, job.attempt])).toEqual([
      ["lost", 2],
      ["lost", 1],
    ]);
    expect(steps.lines).toEqual(["endless", "endless"]);
  });

  it("a stop by SIGTERM tells it at once: nothing of the job survives, and it starts again when it asks for that", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    const steps = place.witness("steps");
    const pids = place.witness("pids");
    const stubborn = "trap '' TERM; echo $$ >> PIDS; while :; do sleep 1; done";
    const sha = await place.push("stopped", {
      ".sluice/ci.yml": `
triggers: [push]
runs_on: [host]
retry: { lost: 1 }
steps:
  - name: work
    type: run_command
    command: |
      echo work >> ${steps.path}
      [ $(grep -cx work ${steps.path}) != 1 ] || { ${stubborn.replace("PIDS", pids.path)}; }
`,
    });
    const left = (await pids.has(1)).map(Number);
    await reported(place, sha, 1, 1);
    place.server.signal("SIGTERM");
    const asked = performance.now();
    expect(await place.server.ended()).toBe(0);
    console.log(`a stop with a step that ignores TERM took ${Math.round(performance.now() - asked)} ms`);
    expect(place.server.said).not.toContain("the end took too long");
    expect(left.filter(works)).toEqual([]);
    await place.startServer();
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect([...run.jobs, ...run.earlier].map((job) => [job.status, job.attempt])).toEqual([
      ["success", 2],
      ["lost", 1],
    ]);
    expect(steps.lines).toEqual(["work", "work"]);
  });
});
