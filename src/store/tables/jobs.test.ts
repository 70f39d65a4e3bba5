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
    expect(await store.jobs.take({ runnerId: "R", labels: ["host", "linux"], limit: 0, now: 30 })).toEqual([]);
    const first = await store.jobs.take({ runnerId: "R", labels: ["host", "linux"], limit: 2, now: 30 });
    expect(first.map((row) => row.id)).toEqual(["J4", "J3"]);
    expect(first[0]).toMatchObject({ status: "running", runnerId: "R", fence: 1, heartbeatAt: 30 });
    expect(
      (await store.jobs.take({ runnerId: "R", labels: ["host"], limit: 9, now: 31 })).map((row) => row.id),
    ).toEqual([]);
    expect(
      (await store.jobs.take({ runnerId: "R", labels: ["linux", "host"], limit: 9, now: 31 })).map((row) => row.id),
    ).toEqual(["J1"]);
    expect((await store.jobs.running()).map((row) => row.id)).toEqual(["J1", "J3", "J4"]);
    expect((await store.jobs.queued()).map((row) => row.id)).toEqual(["J2"]);
  });

  it("gives a job to one of many takers only", async () => {
    const { store, again } = await fresh();
    const second = await again();
    const run = await addRun(store, await addRepository(store));
    const ids = Array.from({ length: 40 }, (_, index) => `J${index}`);
    await store.runs.apply(change(run.id, 1, { jobs: ids.map((id, position) => job(run.id, id, { position })) }));
    const takers = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? store : second).jobs.take({ runnerId: `R${index}`, labels: ["host"], limit: 3, now: 2 }),
    );
    const taken = (await Promise.all(takers)).flat().map((row) => row.id);
    expect(new Set(taken).size).toBe(taken.length);
    const rest = await store.jobs.take({ runnerId: "last", labels: ["host"], limit: 40, now: 3 });
    expect([...taken, ...rest.map((row) => row.id)].toSorted()).toEqual(ids.toSorted());
  });

  it("takes heartbeats only for the lease in force", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")] }));
    expect(await store.jobs.heartbeat("J1", 0, 5)).toBe(false);
    await store.jobs.take({ runnerId: "R", labels: ["host"], limit: 1, now: 6 });
    expect(await store.jobs.heartbeat("J1", 1, 7)).toBe(true);
    expect(await store.jobs.heartbeat("J1", 2, 8)).toBe(false);
    await store.jobs.requestCancel("J1");
    expect(await store.jobs.byId("J1")).toMatchObject({ heartbeatAt: 7, cancelRequested: true });
    await store.runs.apply(change(run.id, 2, { jobs: [{ id: "J1", runId: run.id, status: "success" }] }));
    expect(await store.jobs.heartbeat("J1", 1, 9)).toBe(false);
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
    expect(await store.jobs.take({ runnerId: "R", labels: ["host"], limit: 1, now: 6 })).toEqual([]);
  });
});
