import { expect, it } from "vitest";
import type { Store } from "../port.ts";
import type { RunRow } from "../rows.ts";
import { addRepository, change, createRun, eachDatabase, job, plan, push } from "../testbed.ts";

eachDatabase("runs", ({ fresh, addRun }) => {
  it("creates a run whole: numbered, with its plans, state and jobs", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const run = await addRun(store, shop, push(), {
      state: "a state",
      run: {
        status: "running",
        startedAt: 12,
        wait: { for: "group", group: "deploy" },
        workflows: [{ workflow: plan.workflow, name: "CI", dialect: "actions", status: "running" }],
      },
    });
    expect(run).toEqual({
      id: run.id,
      repositoryId: shop.id,
      repository: "shop",
      number: 1,
      attempt: 1,
      status: "running",
      wait: { for: "group", group: "deploy" },
      title: "Sell more",
      event: push(),
      workflows: [{ workflow: plan.workflow, name: "CI", dialect: "actions", status: "running" }],
      diagnostics: [],
      version: 1,
      createdAt: 11,
      startedAt: 12,
    });
    expect(await store.runs.byId(run.id)).toEqual(run);
    expect(await store.runs.plans(run.id)).toEqual([plan]);
    expect(await store.runs.state(run.id)).toEqual({ state: "a state", parts: [], version: 1 });
    expect(await store.runs.open()).toEqual([run]);
  });

  it("answers a second creation for an event with the first run, without using up a number", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const accepted = await store.events.accept({ repositoryId: shop.id, event: push(), receivedAt: 10 }, "once");
    const create = () =>
      createRun(store, {
        eventId: accepted.id,
        repositoryId: shop.id,
        event: push(),
        title: "t",
        plans: [],
        diagnostics: [],
        createdAt: 1,
        change: change("", 0),
      });
    const made = await Promise.all([create(), create(), create()]);
    expect(new Set(made.map((run) => run.id)).size).toBe(1);
    expect((await addRun(store, shop)).number).toBe(2);
  });

  it("numbers runs of a repository without gaps, also when many are made at once and one fails", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const other = await addRepository(store, "other");
    const { id: eventId } = await store.events.accept({ repositoryId: shop.id, event: push(), receivedAt: 1 }, "fails");
    const broken = change("", 0, { steps: [{ jobId: "not a job", index: 0 }] });
    const row = { eventId, repositoryId: shop.id, event: push(), title: "t", plans: [], diagnostics: [], createdAt: 1 };
    const failing = createRun(store, { ...row, change: broken });
    const made = Promise.all(Array.from({ length: 10 }, () => addRun(store, shop)));
    await expect(failing).rejects.toThrow(/foreign key/i);
    expect((await made).map((run) => run.number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await addRun(store, other)).number).toBe(1);
  });

  it("refuses a number that is not the next one, and a repository that is gone", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    await addRun(store, shop);
    const { id: eventId } = await store.events.accept({ repositoryId: shop.id, event: push(), receivedAt: 1 }, "next");
    const row = { eventId, event: push(), title: "t", plans: [], diagnostics: [], createdAt: 1, change: change("", 0) };
    for (const number of [0, 1, 3])
      await expect(store.runs.create({ ...row, repositoryId: shop.id, number })).rejects.toMatchObject({
        code: "conflict",
      });
    await expect(store.runs.create({ ...row, repositoryId: "gone", number: 1 })).rejects.toMatchObject({
      code: "not-found",
    });
    expect(await store.runs.lastNumber(shop.id)).toBe(1);
  });

  it("writes messages and audit entries with a change, and settles the message that it came from", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    await store.messages.add([{ topic: "cause", body: "{}" }]);
    const [cause] = await store.messages.deliverable(1, 9);
    const audit = [{ at: 1, actor: "ada", action: "run.cancel", subject: "shop#1", detail: {} }];
    const effects = { messages: [{ topic: "follows", key: "k", body: "a body" }], audit, settles: cause?.id ?? 0 };
    expect(await store.runs.apply(change(run.id, 1), effects)).toBe(true);
    expect((await store.messages.deliverable(1, 9)).map(({ topic, key, body }) => [topic, key, body])).toEqual([
      ["follows", "k", "a body"],
    ]);
    expect(await store.audit.list({ limit: 9 })).toMatchObject(audit);
    // Another process has settled it: nothing is done twice.
    expect(await store.runs.apply(change(run.id, 2), effects)).toBe(false);
    expect(await store.messages.count()).toBe(1);
    expect((await store.runs.state(run.id))?.version).toBe(2);
  });

  it("applies a change whole, keeps what it leaves out, and empties what it sets to null", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const begun = await store.runs.apply(
      change(run.id, 1, {
        run: { status: "blocked", wait: { for: "group", group: "deploy" } },
        jobs: [
          job(run.id, "J1", {
            status: "waiting",
            wait: { for: "workflows", workflows: ["build"] },
            needs: ["build"],
            detail: { contexts: { matrix: [1] }, timeoutMinutes: 5 },
            position: 7,
          }),
        ],
        steps: [{ jobId: "J1", index: 0, id: "a", name: "A" }],
        annotations: [{ jobId: "J1", step: 0, annotation: { level: "error", message: "no\u0000ne" } }],
        summaries: [{ jobId: "J1", step: 0, markdown: "# Yes" }],
      }),
    );
    expect(begun).toBe(true);
    expect(await store.runs.byId(run.id)).toMatchObject({
      status: "blocked",
      wait: { for: "group", group: "deploy" },
      version: 2,
    });
    await store.runs.apply(
      change(run.id, 2, {
        run: { wait: null, finishedAt: 99, status: "success" },
        jobs: [{ id: "J1", runId: run.id, status: "running", wait: null, startedAt: 50, outputs: { v: "1" } }],
        steps: [
          { jobId: "J1", index: 0, status: "failure", exitCode: 0, allowed: true, finishedAt: 60 },
          { jobId: "J1", index: 1, id: "b", name: "B" },
        ],
      }),
    );
    const after = await store.runs.byId(run.id);
    expect(after).toMatchObject({ status: "success", finishedAt: 99, version: 3, attempt: 1 });
    expect(after).not.toHaveProperty("wait");
    expect(await store.jobs.byId("J1")).toMatchObject({ detail: { contexts: { matrix: [1] }, timeoutMinutes: 5 } });
    expect(await store.jobs.ofRun(run.id)).toEqual([
      {
        id: "J1",
        runId: run.id,
        key: "J1",
        job: "J1",
        workflow: plan.workflow,
        name: "J1",
        attempt: 1,
        status: "running",
        needs: ["build"],
        labels: ["host"],
        position: 7,
        fence: 0,
        outputs: { v: "1" },
        reported: 0,
        cancelRequested: false,
        allowed: false,
        newest: true,
        planned: [],
        queuedAt: 1,
        startedAt: 50,
      },
    ]);
    expect(await store.jobs.stepsOf(["J1"])).toEqual([
      { jobId: "J1", index: 0, id: "a", name: "A", status: "failure", allowed: true, exitCode: 0, finishedAt: 60 },
      { jobId: "J1", index: 1, id: "b", name: "B", status: "pending", allowed: false },
    ]);
    const most = { rows: 10, bytes: 1000 };
    expect(await store.runs.annotations(run.id, most)).toEqual({
      rows: [{ jobId: "J1", step: 0, annotation: { level: "error", message: "no\u0000ne" } }],
      more: false,
    });
    expect(await store.runs.summaries(run.id, most)).toEqual({
      rows: [{ jobId: "J1", step: 0, markdown: "# Yes" }],
      more: false,
    });
    expect(await store.runs.open()).toEqual([]);
  });

  it("gives the newest annotations and summaries, as many as are asked for", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const said = ["one", "two", "three", "ü".repeat(50)].map((markdown) => ({ jobId: "J1", step: 0, markdown }));
    const told = said.map(({ jobId, step, markdown }) => ({
      jobId,
      step,
      annotation: { level: "error", message: markdown } as const,
    }));
    await store.runs.apply(change(run.id, 1, { jobs: [job(run.id, "J1")], summaries: said, annotations: told }));
    expect(await store.runs.summaries(run.id, { rows: 4, bytes: 111 })).toEqual({ rows: said, more: false });
    expect(await store.runs.summaries(run.id, { rows: 4, bytes: 110 })).toEqual({ rows: said.slice(1), more: true });
    expect(await store.runs.summaries(run.id, { rows: 2, bytes: 1000 })).toEqual({ rows: said.slice(2), more: true });
    expect(await store.runs.summaries(run.id, { rows: 2, bytes: 99 })).toEqual({ rows: [], more: true });
    expect(await store.runs.annotations(run.id, { rows: 3, bytes: 1000 })).toEqual({ rows: told.slice(1), more: true });
    expect(await store.runs.annotations(run.id, { rows: 4, bytes: 205 })).toEqual({ rows: told.slice(2), more: true });
    expect(await store.runs.annotations(run.id, { rows: 0, bytes: 1000 })).toEqual({ rows: [], more: true });
  });

  it("keeps the parts of a state that a change does not touch, in the order of their places", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const parts = ["c", "a", "b", "d"].map((key, place) => ({ key, place, value: `${key}1` }));
    await store.runs.apply(change(run.id, 1, { parts }));
    expect((await store.runs.state(run.id))?.parts).toEqual(["c1", "a1", "b1", "d1"]);
    await store.runs.apply(
      change(run.id, 2, {
        parts: [
          { key: "a", place: 9, value: "a2" },
          { key: "e", place: 2, value: "e1" },
        ],
        dropped: ["c", "no such part"],
      }),
    );
    expect((await store.runs.state(run.id))?.parts).toEqual(["b1", "e1", "d1", "a2"]);
  });

  it("refuses a change that was computed from an old version, and writes nothing of it", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const attempts = Array.from({ length: 8 }, (_, index) =>
      store.runs.apply(change(run.id, 1, { state: `${index}`, jobs: [job(run.id, `J${index}`)] }), {
        messages: [{ topic: "t", body: `${index}` }],
      }),
    );
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1);
    expect(await store.jobs.ofRun(run.id)).toHaveLength(1);
    expect(await store.messages.count()).toBe(1);
    expect((await store.runs.state(run.id))?.version).toBe(2);
    expect(await store.runs.apply(change("nobody", 1))).toBe(false);
  });

  it("writes nothing of a change that cannot be written to its end", async () => {
    const { store } = await fresh();
    const run = await addRun(store, await addRepository(store));
    const broken = change(run.id, 1, { jobs: [job(run.id, "J1")], steps: [{ jobId: "not a job", index: 0 }] });
    await expect(store.runs.apply(broken)).rejects.toThrow(/foreign key/i);
    expect(await store.jobs.ofRun(run.id)).toEqual([]);
    expect((await store.runs.state(run.id))?.version).toBe(1);
    expect(await store.runs.apply(change(run.id, 1))).toBe(true);
  });

  it("lists runs newest first, in pages, by repository, state and text", async () => {
    const { store } = await fresh();
    const shop = await addRepository(store);
    const other = await addRepository(store, "other");
    const runs: RunRow[] = [];
    for (let index = 0; index < 5; index += 1)
      runs.push(await addRun(store, shop, push({ ref: `refs/heads/Feature_${index}` })));
    const elsewhere = await addRun(
      store,
      other,
      push({ sha: `abc${"1".repeat(37)}`, sender: { login: "Hildegard%" } }),
      { run: { status: "failure" } },
    );
    const numbers = async (filter: Partial<Parameters<Store["runs"]["list"]>[0]>) =>
      (await store.runs.list({ limit: 10, repository: shop.id, ...filter })).map((run) => run.number);

    expect(await numbers({ limit: 2 })).toEqual([5, 4]);
    expect(await numbers({ limit: 2, before: runs[3]?.id ?? "" })).toEqual([3, 2]);
    expect(await numbers({ text: "feature_3" })).toEqual([4]);
    expect(await numbers({ text: "lovelace" })).toHaveLength(5);
    expect(await numbers({ text: "featureX3" })).toEqual([]);
    expect(await numbers({ text: "%" })).toEqual([]);
    expect(await numbers({ text: "01234567" })).toHaveLength(5);
    expect(await numbers({ text: "1234567" })).toEqual([]);
    expect(await numbers({ text: "\\" })).toEqual([]);
    expect(await numbers({ text: "#3" })).toEqual([3]);
    expect(await numbers({ text: "no-such-repository #3" })).toEqual([]);
    const everywhere = await store.runs.list({ limit: 10, status: ["failure", "success"] });
    expect(everywhere.map((run) => run.id)).toEqual([elsewhere.id]);
    expect(await store.runs.list({ limit: 10, text: "hildegard%" })).toHaveLength(1);
    expect(await store.runs.list({ limit: 10, text: "ABC111" })).toHaveLength(1);
    expect(await store.runs.list({ limit: 10, status: [] })).toEqual([]);
  });
});
