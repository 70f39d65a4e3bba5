import { describe, expect, it } from "vitest";
import type { SluiceError } from "../../model/index.ts";
import { restoreDatabase } from "../../../test/support/data-folder.ts";
import { openStore } from "../open.ts";
import { databases } from "../testbed.ts";

const all = { rows: 1000, bytes: 1024 * 1024 };

describe.each(databases)("the database of 0.1.0 on $name", ({ make }) => {
  it("has nothing that the codecs cannot read", async () => {
    await using ending = new AsyncDisposableStack();
    const { url, drop } = await make();
    ending.defer(drop);
    await restoreDatabase("0.1.0", "/srv/sluice", url);
    const unread: SluiceError[] = [];
    const store = await openStore({ database: url, now: () => 0, report: (error) => unread.push(error) });
    ending.defer(() => store.close());

    const runs = await store.runs.list({ limit: 100 });
    expect(runs.flatMap((run) => run.damage ?? [])).toEqual([]);
    expect(runs).toHaveLength(14);
    for (const { id } of runs) {
      expect((await store.runs.byId(id))?.event.payload).toBeTypeOf("object");
      for (const plan of await store.runs.plans(id)) expect(plan.jobs).not.toEqual([]);
      for (const job of await store.jobs.ofRun(id)) expect(job.labels).not.toContain("");
      await store.runs.annotations(id, all);
    }
    expect((await store.runners.list()).map(({ labels }) => labels)).toEqual([["ann"], ["host", "linux"]]);
    expect((await store.audit.list({ limit: 100 })).map(({ action }) => action)).toContain("run.finish");
    expect(unread).toEqual([]);
  });
});
