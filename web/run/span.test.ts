import { describe, expect, it } from "vitest";
import type { Job } from "../api/types.ts";
import { barOf, envelope, spanOf } from "./span.ts";

const time = (second: number): string => new Date(1_000_000_000_000 + second * 1_000).toISOString();
const job = (times: Pick<Job, "queuedAt" | "startedAt" | "finishedAt">, status: Job["status"] = "success"): Job => ({
  id: "j",
  key: "j",
  job: "j",
  workflow: "w",
  name: "j",
  attempt: 1,
  status,
  allowed: false,
  needs: [],
  outputs: {},
  steps: [],
  ...times,
});

describe("timing bars", () => {
  it("are of the newest attempt: what it did not repeat has none, and does not stretch it", () => {
    const before = job({ queuedAt: time(0), startedAt: time(0), finishedAt: time(10) });
    const again = { ...job({ queuedAt: time(500), startedAt: time(510), finishedAt: time(520) }), attempt: 2 };
    const span = spanOf({ jobs: [before, again], createdAt: time(0) }, Date.parse(time(900)));
    expect(span).toEqual({ from: Date.parse(time(500)), to: Date.parse(time(520)) });
    expect([barOf(before, span), barOf(again, span)]).toEqual([undefined, { queued: 0, start: 50, end: 100 }]);
  });
  it("of several jobs begin with the first and end with the last", () => {
    expect(envelope([{ queued: 0, start: 10, end: 20 }, undefined, { queued: 5, start: 6, end: 90 }])).toEqual({
      queued: 0,
      start: 6,
      end: 90,
    });
    expect(envelope([undefined])).toBeUndefined();
  });
  it("spans from the first queued job to the last end", () => {
    const jobs = [
      job({ queuedAt: time(0), startedAt: time(5), finishedAt: time(50) }),
      job({ queuedAt: time(50), startedAt: time(50), finishedAt: time(100) }),
    ];
    const span = spanOf({ jobs, createdAt: time(-5) }, Date.parse(time(9_000)));
    expect(span).toEqual({ from: Date.parse(time(0)), to: Date.parse(time(100)) });
    expect(jobs.map((each) => barOf(each, span))).toEqual([
      { queued: 0, start: 5, end: 50 },
      { queued: 50, start: 50, end: 100 },
    ]);
  });
  it("reaches to now while a job runs or waits for a runner", () => {
    const running = [job({ queuedAt: time(0), startedAt: time(10) }, "running")];
    const span = spanOf({ jobs: running, createdAt: time(0) }, Date.parse(time(20)));
    expect(barOf(running[0] as Job, span)).toEqual({ queued: 0, start: 50, end: 100 });
    const queued = [job({ queuedAt: time(0) }, "queued")];
    expect(barOf(queued[0] as Job, spanOf({ jobs: queued, createdAt: time(0) }, Date.parse(time(20))))).toEqual({
      queued: 0,
      start: 100,
      end: 100,
    });
  });
  it("draws nothing for a job that never started", () => {
    const skipped = job({ queuedAt: time(0), finishedAt: time(1) }, "skipped");
    expect(barOf(skipped, { from: 0, to: 1 })).toBeUndefined();
    expect(barOf(job({}, "waiting"), { from: 0, to: 1 })).toBeUndefined();
  });
});
