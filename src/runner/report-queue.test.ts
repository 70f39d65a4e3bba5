import { describe, expect, it } from "vitest";
import type { JobReport } from "../model/index.ts";
import { ReportQueue } from "./report-queue.ts";

const started = (step: number): JobReport => ({ type: "step.started", step, name: `${step}`, at: step });
const summary = (size: number): JobReport => ({ type: "summary", step: 0, markdown: "x".repeat(size) });
const finished: JobReport = { type: "job.finished", status: "success", outputs: {}, at: 1 };

function queue() {
  const calls: { from: number; entries: readonly JobReport[] }[] = [];
  const reports = new ReportQueue(async (from, entries) => {
    calls.push({ from, entries: [...entries] });
  });
  return { reports, calls };
}

describe("a report queue", () => {
  it("sends entries once, in order, each under its index", async () => {
    const { reports, calls } = queue();
    const all: JobReport[] = [];
    for (let step = 0; step < 1_200; step += 1) {
      all.push(started(step));
      reports.add(started(step));
      if (step === 100) await reports.drained();
    }
    reports.add(finished);
    await reports.drained();
    expect(calls.flatMap((call) => call.entries)).toEqual([...all, finished]);
    let index = 0;
    for (const call of calls) {
      expect(call.from).toBe(index);
      index += call.entries.length;
    }
    expect(calls.length).toBeLessThan(7);
  });

  it("sends nothing after the job's end", async () => {
    const { reports, calls } = queue();
    reports.add(finished);
    reports.add(started(1));
    await reports.drained();
    expect(calls).toEqual([{ from: 0, entries: [finished] }]);
  });

  it("holds an entry, and those behind it, until what must come before is done", async () => {
    const { reports, calls } = queue();
    const logs = Promise.withResolvers<void>();
    reports.add(started(0));
    reports.add(started(1), logs.promise);
    reports.add(finished);
    await expect.poll(() => calls).toEqual([{ from: 0, entries: [started(0)] }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toHaveLength(1);
    logs.resolve();
    await reports.drained();
    expect(calls.slice(1)).toEqual([{ from: 1, entries: [started(1), finished] }]);
  });

  it("sends the rest together at the job's end", async () => {
    const { reports, calls } = queue();
    const logs = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    reports.add(started(0));
    reports.add(started(1), logs[0].promise);
    reports.add(finished, logs[1].promise);
    for (const log of logs) log.resolve();
    await reports.drained();
    expect(calls).toEqual([{ from: 0, entries: [started(0), started(1), finished] }]);
  });

  it("splits what is large", async () => {
    const { reports, calls } = queue();
    for (let count = 0; count < 4; count += 1) reports.add(summary(200_000));
    reports.add(summary(900_000));
    await reports.drained();
    expect(calls.map((call) => call.entries.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it("sends nothing more once the job is dropped", async () => {
    let calls = 0;
    const reports = new ReportQueue(async () => {
      calls += 1;
      throw new Error("stale");
    });
    reports.add(started(0));
    await expect(reports.drained()).rejects.toThrow("stale");
    reports.add(finished);
    await expect(reports.drained()).rejects.toThrow("stale");
    expect(calls).toBe(1);
  });
});
