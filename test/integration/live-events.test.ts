import { afterEach, beforeEach, expect, it } from "vitest";
import { type LiveEvent, liveEventSchema, type RunDetail } from "../../src/model/index.ts";
import { knows, patchDetail } from "../../web/api/patch.ts";
import { Bed } from "./control-bed.ts";

let bed: Bed;
let events: LiveEvent[] = [];
beforeEach(async () => {
  bed = await Bed.open();
  events = [];
  bed.control.live.subscribe(undefined, ({ event }) => events.push(event));
});
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

const workflow = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
      - run: make test
      - run: make package
  deploy:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: make deploy
`;

/** The run as a page shows it that fetched `run` and applied all events since; fails if it would have to fetch again. */
function patched(run: RunDetail): RunDetail {
  return events.splice(0).reduce((before, event) => {
    if (event.type !== "run" && event.type !== "job" && event.type !== "step" && event.type !== "log") return before;
    expect(knows(before, event)).toBe(true);
    return patchDetail(before, event);
  }, run);
}

/** Without what events leave out: what is waited for, outputs, and the runner's name. */
function told({ version: _version, waitsFor: _waitsFor, wait: _wait, jobs, ...run }: RunDetail) {
  return {
    ...run,
    jobs: jobs.map(({ waitsFor: _jobWaitsFor, wait: _jobWait, outputs: _outputs, runner: _runner, ...job }) => job),
  };
}

it("live events tell all that the API shows of a run, from its first job to its end", async () => {
  const runner = await bed.runner();
  const id = await bed.push(workflow);
  let run = await bed.control.run(id);
  events = [];
  const same = async (): Promise<void> => {
    run = patched(run);
    expect(told(run)).toEqual(told(await bed.control.run(id)));
  };

  const build = await runner.take();
  await same();
  await runner.channel.begin(build.lease);
  await same();
  const at = Date.now();
  await runner.report(build.lease, { type: "step.started", step: 0, name: "Run make", at });
  await same();
  await runner.report(build.lease, { type: "step.added", step: 3, id: "post", name: "Post make" });
  await same();
  await runner.channel.log(build.lease, 0, 0, Buffer.from("a line\n"));
  await runner.report(
    build.lease,
    { type: "step.finished", step: 0, status: "success", allowed: false, exitCode: 0, at: at + 1 },
    { type: "step.started", step: 1, name: "Run make test", at: at + 2 },
  );
  await same();
  const failure = { status: "failure", allowed: true, exitCode: 2, reason: "exit code 2", at: at + 3 } as const;
  await runner.report(build.lease, { type: "step.finished", step: 1, ...failure });
  await same();
  // One step is open and one has not begun.
  await runner.report(build.lease, { type: "step.started", step: 2, name: "Run make package", at: at + 4 });
  await runner.report(build.lease, { type: "job.finished", status: "success", outputs: { version: "7" }, at: at + 5 });
  await bed.control.idle();
  await same();
  await runner.finish(await runner.take(), "failure");
  await bed.control.idle();
  await same();
  expect(run).toMatchObject({ status: "failure", workflows: [{ status: "failure" }] });
});

it("live events tell of a job that is queued again, lost or cancelled", async () => {
  const runner = await bed.runner();
  const id = await bed.push(workflow);
  let run = await bed.control.run(id);
  events = [];
  const same = async (): Promise<void> => {
    run = patched(run);
    expect(told(run)).toEqual(told(await bed.control.run(id)));
  };
  await runner.take();
  await bed.control.releaseRunner(runner.id);
  await same();
  expect(run.jobs[0]).toMatchObject({ status: "queued" });
  const build = await (await bed.runner("another")).take();
  await bed.control.cancelJob(build.lease.job, "ann");
  await bed.control.cancelRun(id, "ann");
  await same();
});

it("a live event is small, whatever its names and reasons", async () => {
  const runner = await bed.runner();
  await bed.push(workflow);
  const { lease } = await runner.take();
  events = [];
  const long = "x".repeat(100_000);
  const at = Date.now();
  await runner.report(
    lease,
    { type: "step.started", step: 0, name: long, at },
    { type: "step.finished", step: 0, status: "failure", allowed: false, reason: long, at },
    { type: "job.finished", status: "failure", outputs: { long }, reason: long, at },
  );
  await bed.control.idle();
  expect(events.map((event) => event.type)).toContain("step");
  for (const event of events) {
    expect(liveEventSchema.parse(event)).toEqual(event);
    expect(JSON.stringify(event).length).toBeLessThan(1_500);
  }
});
