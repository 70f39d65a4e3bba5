import { describe, expect, it } from "vitest";
import { asksForMore, type EventOf, knows, patchDetail, patchNow, patchRun } from "./patch.ts";
import type { Job, Now, Run, RunDetail, Step } from "./types.ts";

const time = "2026-01-01T00:00:00.000Z";
const later = "2026-01-01T00:00:09.000Z";

function step(index: number, more: Partial<Step> = {}): Step {
  return {
    index,
    id: `s${index}`,
    name: `Step ${index}`,
    status: "pending",
    allowed: false,
    lines: 0,
    bytes: 0,
    ...more,
  };
}

function job(id: string, more: Partial<Job> = {}): Job {
  const steps = [step(0), step(1)];
  const own = {
    id,
    key: id,
    job: id,
    workflow: "ci",
    name: id,
    attempt: 1,
    status: "running",
    allowed: false,
  } as const;
  return { ...own, needs: [], outputs: {}, steps, ...more };
}

const listed: Run = {
  id: "r",
  repository: "shop",
  number: 7,
  attempt: 1,
  title: "Sell more",
  event: "push",
  ref: "refs/heads/main",
  sha: "0".repeat(40),
  author: "ada",
  sender: "ada",
  status: "running",
  version: 5,
  createdAt: time,
  workflows: [{ workflow: "ci", name: "CI", dialect: "actions", status: "running" }],
};

const run: RunDetail = {
  ...listed,
  jobs: [job("a"), job("b", { status: "queued", waitsFor: "a runner" })],
  earlier: [job("old", { status: "failure" })],
  annotations: [],
  summaries: [],
  leftOut: { annotations: false, summaries: false },
  artifacts: [],
  diagnostics: [],
};

const runEvent: EventOf<"run"> = {
  type: "run",
  run: "r",
  repository: "shop",
  version: 6,
  status: "running",
  attempt: 1,
  workflows: [],
};
const jobEvent: EventOf<"job"> = { type: "job", run: "r", version: 6, job: "a" };
const stepEvent: EventOf<"step"> = { type: "step", run: "r", version: 6, job: "a", step: 1 };
const logEvent: EventOf<"log"> = { type: "log", run: "r", job: "a", step: 0, lines: 3, bytes: 30 };

describe("a step's event", () => {
  it("changes what it says of the step, and nothing else", () => {
    const after = patchDetail(run, { ...stepEvent, status: "running", startedAt: time });
    expect(after).toEqual({
      ...run,
      version: 6,
      jobs: [{ ...run.jobs[0], steps: [step(0), step(1, { status: "running", startedAt: time })] }, run.jobs[1]],
    });
    expect(after.jobs[1]).toBe(run.jobs[1]);
  });

  it("ends a step with its exit code, reason and log", () => {
    const end = {
      status: "failure",
      exitCode: 2,
      reason: "exit code 2",
      finishedAt: later,
      lines: 9,
      bytes: 90,
    } as const;
    expect(patchDetail(run, { ...stepEvent, ...end, allowed: true }).jobs[0]?.steps[1]).toEqual(
      step(1, { ...end, allowed: true }),
    );
  });

  it("adds a step that no plan has, in its place", () => {
    const after = patchDetail(run, { ...stepEvent, step: 3, id: "post", name: "Post checkout" });
    expect(after.jobs[0]?.steps).toEqual([step(0), step(1), step(3, { id: "post", name: "Post checkout" })]);
    expect(
      patchDetail(after, { ...stepEvent, step: 2, status: "running" }).jobs[0]?.steps.map((each) => each.name),
    ).toEqual(["Step 0", "Step 1", "2", "Post checkout"]);
  });

  it("does not shorten a log that is known to be longer", () => {
    const grown = patchDetail(run, { ...logEvent, step: 1, lines: 20, bytes: 200 });
    expect(patchDetail(grown, { ...stepEvent, lines: 9, bytes: 90 }).jobs[0]?.steps[1]).toMatchObject({
      lines: 20,
      bytes: 200,
    });
  });

  it("changes a step of an earlier attempt", () => {
    expect(patchDetail(run, { ...stepEvent, job: "old", exitCode: 1 }).earlier[0]?.steps[1]?.exitCode).toBe(1);
  });
});

describe("a job's event", () => {
  it("starts a job: it waits for nothing any more", () => {
    const after = patchDetail(run, { ...jobEvent, job: "b", status: "running", startedAt: time }).jobs[1];
    expect(after).toMatchObject({ status: "running", startedAt: time });
    expect(after).not.toHaveProperty("waitsFor");
  });

  it("queues a job again that was not begun", () => {
    const started = patchDetail(run, { ...jobEvent, startedAt: time });
    const after = patchDetail(started, { ...jobEvent, version: 7, status: "queued", startedAt: null }).jobs[0];
    expect(after?.status).toBe("queued");
    expect(after).not.toHaveProperty("startedAt");
  });

  it("ends a job, and with it its open steps", () => {
    const busy = patchDetail(run, { ...stepEvent, step: 0, status: "running" });
    const after = patchDetail(busy, { ...jobEvent, status: "lost", reason: "its runner is gone", finishedAt: later })
      .jobs[0];
    expect(after).toMatchObject({ status: "lost", reason: "its runner is gone", finishedAt: later });
    expect(after?.steps.map((each) => each.status)).toEqual(["cancelled", "skipped"]);
  });

  it("is unknown if its job is: the run must be fetched", () => {
    expect(knows(run, { ...jobEvent, job: "new" })).toBe(false);
    expect(knows(run, { ...jobEvent, job: "old" })).toBe(true);
    expect(patchDetail(run, { ...jobEvent, job: "new", status: "queued" })).toEqual({ ...run, version: 6 });
  });

  it("asks for more if the job waits or starts, not if it ends", () => {
    const states = ["waiting", "queued", "running", "success", "skipped"] as const;
    expect(states.filter((status) => asksForMore({ ...jobEvent, status }))).toEqual(["waiting", "queued", "running"]);
  });
});

describe("a run's event", () => {
  it("ends the run and its workflows", () => {
    const end = { status: "success", finishedAt: later, workflows: [{ workflow: "ci", status: "success" }] } as const;
    expect(patchDetail(run, { ...runEvent, ...end, workflows: [...end.workflows] })).toEqual({
      ...run,
      version: 6,
      status: "success",
      finishedAt: later,
      workflows: [{ ...listed.workflows[0], status: "success" }],
    });
  });

  it("begins an attempt: the end of the one before is gone", () => {
    const ended: Run = { ...listed, status: "failure", finishedAt: later };
    const again = patchRun(ended, { ...runEvent, status: "pending", attempt: 2 });
    expect(again).toMatchObject({ status: "pending", attempt: 2 });
    expect(again).not.toHaveProperty("finishedAt");
  });

  it("starts a run that waited", () => {
    const waiting: Run = { ...listed, status: "blocked", waitsFor: "a group" };
    expect(patchRun(waiting, runEvent)).not.toHaveProperty("waitsFor");
    expect(patchRun(waiting, { ...runEvent, status: "blocked" })).toHaveProperty("waitsFor", "a group");
  });

  it("changes Now only within its section", () => {
    const now: Now = { running: [listed], waiting: [], failed: [], runners: [], queuedJobs: 0, notices: [] };
    expect(patchNow(now, runEvent)?.running[0]?.version).toBe(6);
    expect(patchNow(now, { ...runEvent, status: "success" })).toBeUndefined();
    expect(patchNow(now, { ...runEvent, run: "another" })).toBeUndefined();
  });
});

describe("a log's event", () => {
  it("changes the size of the step's log, which only grows", () => {
    const after = patchDetail(run, logEvent);
    expect(after.jobs[0]?.steps[0]).toEqual(step(0, { lines: 3, bytes: 30 }));
    expect(after.version).toBe(5);
    expect(patchDetail(after, { ...logEvent, lines: 1, bytes: 10 })).toEqual(after);
  });
});

describe("an event out of order", () => {
  it("is ignored if the data is newer", () => {
    for (const event of [runEvent, { ...jobEvent, status: "queued" }, { ...stepEvent, status: "running" }] as const)
      expect(patchDetail(run, { ...event, version: 4 })).toBe(run);
    expect(patchRun(listed, { ...runEvent, version: 4, status: "pending" })).toBe(listed);
  });

  it("changes nothing when it is applied twice", () => {
    const event = { ...stepEvent, status: "success", finishedAt: later, lines: 9, bytes: 90 } as const;
    const once = patchDetail(run, event);
    expect(patchDetail(once, event)).toEqual(once);
  });

  it("is ignored if it is about another run", () => {
    expect(patchDetail(run, { ...runEvent, run: "another" })).toBe(run);
  });
});
