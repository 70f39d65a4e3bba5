import { expect, it } from "vitest";
import type { JobStatus } from "../../model/index.ts";
import { addRepository, change, eachDatabase, job } from "../testbed.ts";

eachDatabase("jobs", ({ fresh, addRun }) => {
  it("hands out queued jobs oldest first, only to runners with all their labels", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(
      change(run.id, 1, {
        jobs: [
          job(run.id, "J1", { queuedAt: 20, position: 1, labels: ["linux", "host"] }),
          job(run.id, "J2", { queuedAt: 10, position: 2, labels: ["gpu"] }),
          job(run.id, "J3", { queuedAt: 20, position: 0, labels: ["host"] }),
          job(run.id, "J4", { queuedAt: 15, position: 9, labels: [] }),
          job(run.id, "J5", { status: "waiting" }),
        ],
      }),
    );
    expect((await store.jobs.queued()).map((row) => row.id)).toEqual(["J2", "J4", "J3", "J1"]);
    const fitting = async (labels: readonly string[], limit: number, except: readonly string[] = []) =>
      (await store.jobs.fitting(labels, limit, except)).map((row) => row.id);
    expect(await fitting(["host", "linux"], 0)).toEqual([]);
    expect(await fitting(["host", "linux"], 2)).toEqual(["J4", "J3"]);
    expect(await fitting(["host"], 9)).toEqual(["J4", "J3"]);
    expect(await fitting(["linux", "host"], 9)).toEqual(["J4", "J3", "J1"]);
    expect(await fitting(["linux", "host"], 9, [run.id])).toEqual([]);
    expect(await fitting(["linux", "host"], 9, ["another run"])).toHaveLength(3);
  });

  it("finds the jobs that a runner was leased and has not begun", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const leased = { status: "running", runnerId: "R", fence: 1 } as const;
    await store.runs.apply(
      change(run.id, 1, {
        jobs: [
          job(run.id, "J1", leased),
          job(run.id, "J2", { ...leased, begunAt: 5 }),
          job(run.id, "J3", { ...leased, runnerId: "another" }),
          job(run.id, "J4"),
        ],
      }),
    );
    expect((await store.jobs.unbegun("R")).map((row) => row.id)).toEqual(["J1"]);
  });

  it("takes heartbeats only for the lease in force", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")] }));
    expect(await store.jobs.heartbeat("J1", 0, 5)).toBe(false);
    const leased = { id: "J1", runId: run.id, status: "running", runnerId: "R", fence: 1, heartbeatAt: 6 } as const;
    await store.runs.apply(change(run.id, 2, { jobs: [leased] }));
    expect(await store.jobs.heartbeat("J1", 1, 7)).toBe(true);
    expect(await store.jobs.heartbeat("J1", 2, 8)).toBe(false);
    expect(await store.jobs.byId("J1")).toMatchObject({ heartbeatAt: 7 });
    await store.runs.apply(change(run.id, 3, { jobs: [{ id: "J1", runId: run.id, status: "success" }] }));
    expect(await store.jobs.heartbeat("J1", 1, 9)).toBe(false);
  });

  it("writes down the sizes of logs, but makes no step of it", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")], steps: [{ jobId: "J1", index: 0 }] }));
    expect((await store.jobs.stepsOf(["J1"]))[0]?.log).toBeUndefined();
    await store.jobs.logSizes([0, 1].map((step) => ({ jobId: "J1", step, lines: 3, bytes: 30 })));
    expect((await store.jobs.stepsOf(["J1"])).map((row) => row.log)).toEqual([{ lines: 3, bytes: 30 }]);
  });

  it("reads the steps of any number of jobs", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")], steps: [{ jobId: "J1", index: 3 }] }));
    const many = [...Array.from({ length: 2_500 }, (_, index) => `none ${index}`), "J1"];
    expect(await store.jobs.stepsOf(many)).toHaveLength(1);
    expect(await store.jobs.stepsOf([])).toEqual([]);
  });

  const states: readonly JobStatus[] = ["waiting", "running", "success", "failure", "cancelled", "skipped", "lost"];
  it.each(states)("never hands out a job that is %s", async (status) => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1", { status })] }));
    expect(await store.jobs.fitting(["host"], 1)).toEqual([]);
  });
});
