import { describe, expect, it } from "vitest";
import { type Plan, type Wait, waitText } from "../model/index.ts";
import { expr, job, plan, Scenario } from "./scenario.fixture.ts";

/** What an entry waits for, in words. */
function waitOf(entry: { readonly wait?: Wait } | undefined): string | undefined {
  return entry?.wait === undefined ? undefined : waitText(entry.wait);
}

describe("needs", () => {
  it("queues jobs without needs first, and the rest when their needs have finished", () => {
    const run = new Scenario(plan("ci", [job("a"), job("b", { needs: ["a"] }), job("c", { needs: ["a", "b"] })]));
    expect(run.jobs).toEqual({ a: "queued", b: "waiting", c: "waiting" });
    expect(waitOf(run.job("c"))).toBe("jobs a, b");
    expect(run.state.status).toBe("pending");
    run.start("a");
    expect(run.state.status).toBe("running");
    run.end("a").start("b").end("b").start("c").end("c");
    expect(run.state.status).toBe("success");
    expect(run.latest).toEqual([{ type: "run.finished", status: "success" }]);
  });

  it("skips everything after a failure, direct or indirect, with the reason", () => {
    const run = new Scenario(plan("ci", [job("a"), job("b", { needs: ["a"] }), job("c", { needs: ["b"] })]))
      .start("a")
      .end("a", "failure");
    expect(run.jobs).toEqual({ a: "failure", b: "skipped", c: "skipped" });
    expect(run.job("b").reason).toBe("needed jobs did not succeed: a (failure)");
    expect(run.state.status).toBe("failure");
  });

  it("considers all ancestors: a job behind recovered ones is still skipped", () => {
    const after = { if: expr("success() || failure()"), needs: ["fail"] };
    const run = new Scenario(
      plan("ci", [job("fail"), job("suc1", after), job("suc2", after), job("next", { needs: ["suc1", "suc2"] })]),
    );
    run.start("fail").end("fail", "failure");
    expect(run.jobs).toMatchObject({ suc1: "queued", suc2: "queued" });
    run.end("suc1").end("suc2");
    expect(run.jobs["next"]).toBe("skipped");
  });

  it("skips what needs a skipped job, unless its `if` asks always()", () => {
    const run = new Scenario(
      plan("ci", [
        job("a", { if: expr("false") }),
        job("b", { needs: ["a"] }),
        job("c", { needs: ["a"], if: expr("always()") }),
        job("d", { needs: ["a"], if: expr("failure()") }),
      ]),
    );
    expect(run.jobs).toEqual({ a: "skipped", b: "skipped", c: "queued", d: "skipped" });
    expect(run.job("a").reason).toBe("its condition (`if`) is false");
  });

  it("passes results and outputs on, and merges those of a matrix: the last value that is not empty", () => {
    const run = new Scenario(
      plan("ci", [job("m", { strategy: { matrix: { v: [1, 2, 3] }, failFast: true } }), job("b", { needs: ["m"] })]),
    );
    run
      .end("m (2)", "success", { x: "two", y: "Y" })
      .end("m (1)", "success", { x: "one", y: "" })
      .end("m (3)", "success", { z: "three" });
    expect(run.queued("b").contexts["needs"]).toEqual({
      m: { result: "success", outputs: { x: "one", y: "Y", z: "three" } },
    });
  });

  it("ignores a missing optional need and skips a job whose required need is missing", () => {
    const optional = { ...job("a"), needs: [{ job: "gone", required: false }] };
    const run = new Scenario(plan("ci", [optional, job("b", { needs: ["gone"] })]));
    expect(run.jobs).toEqual({ a: "queued", b: "skipped" });
  });

  it("finishes even if needs form a cycle", () => {
    const run = new Scenario(plan("ci", [job("a", { needs: ["b"] }), job("b", { needs: ["a"] })]));
    expect(run.state.status).toBe("failure");
  });
});

describe("conditions", () => {
  it("adds success() to a condition without a status function", () => {
    const run = new Scenario(
      plan("ci", [job("a"), job("b", { needs: ["a"], if: expr("github.ref == 'refs/heads/main'") })]),
    );
    run.end("a", "failure");
    expect(run.jobs["b"]).toBe("skipped");
  });

  it("reads needs, and lets a bad expression fail its job with the reason", () => {
    const run = new Scenario(
      plan("ci", [
        job("a"),
        job("b", { needs: ["a"], if: expr("needs.a.outputs.go == 'yes'") }),
        job("c", { if: expr("fromJSON('{')") }),
      ]),
    );
    expect(run.jobs["c"]).toBe("failure");
    expect(run.job("c").reason).toMatch(/^if: .*JSON/);
    run.end("a", "success", { go: "yes" });
    expect(run.jobs["b"]).toBe("queued");
  });

  it("counts an allowed failure as success, in `needs` as well", () => {
    const run = new Scenario(plan("ci", [job("a", { continueOnError: true }), job("b", { needs: ["a"] })]));
    run.end("a", "failure");
    expect(run.job("a")).toMatchObject({ status: "failure", allowed: true });
    expect(run.queued("b").contexts["needs"]).toEqual({ a: { result: "success", outputs: {} } });
    run.end("b");
    expect(run.state.status).toBe("success");
  });
});

describe("matrix", () => {
  const matrix = { strategy: { matrix: { os: ["linux", "mac"], node: [18, 20] }, failFast: true } };

  it("creates a job for every cell, with key, name, labels and contexts", () => {
    const run = new Scenario(
      plan("ci", [
        job("build", { ...matrix, runsOn: expr("matrix.os") }),
        job("named", { ...matrix, name: expr("format('N {0}', matrix.node)") }),
      ]),
    );
    expect(Object.keys(run.jobs).slice(0, 2)).toEqual(["build (linux, 18)", "build (linux, 20)"]);
    expect(run.job("build (mac, 20)")).toMatchObject({
      name: "build (mac, 20)",
      labels: ["mac"],
      matrix: { os: "mac", node: 20 },
    });
    expect(run.queued("build (mac, 20)").contexts).toEqual({
      needs: {},
      matrix: { os: "mac", node: 20 },
      strategy: { "fail-fast": true, "job-index": 3, "job-total": 4, "max-parallel": 4 },
    });
    expect(run.job("named (mac, 20)").name).toBe("N 20");
  });

  it("takes a key from an expression", () => {
    const run = new Scenario(
      plan("ci", [
        job("prepare"),
        job("build", {
          needs: ["prepare"],
          strategy: { matrix: { "${{ needs.prepare.outputs.k }}": [1, 2] }, failFast: true },
        }),
      ]),
    );
    run.end("prepare", "success", { k: "node" });
    expect(run.job("build (2)")).toMatchObject({ matrix: { node: 2 } });
  });

  it("waits as one entry for a matrix built from outputs", () => {
    const run = new Scenario(
      plan("ci", [
        job("prepare"),
        job("build", {
          needs: ["prepare"],
          strategy: { matrix: expr("fromJSON(needs.prepare.outputs.m)"), failFast: true },
        }),
      ]),
    );
    expect(run.jobs).toEqual({ prepare: "queued", build: "waiting" });
    run.end("prepare", "success", { m: '{"package":["a","b"]}' });
    expect(run.jobs).toEqual({ prepare: "success", "build (a)": "queued", "build (b)": "queued" });
  });

  it("flattens a list that an expression inside a list yields", () => {
    const run = new Scenario(
      plan("ci", [
        job("a", { strategy: { matrix: { a: [{ k: 1 }, expr('fromJSON(\'[{"k":2},{"k":3}]\')')] }, failFast: true } }),
      ]),
    );
    expect(run.state.jobs.map((each) => each.matrix)).toEqual([{ a: { k: 1 } }, { a: { k: 2 } }, { a: { k: 3 } }]);
  });

  it("fails the job when the matrix is too large, and keeps equal cells apart", () => {
    const run = new Scenario(
      plan("ci", [
        job("big", { strategy: { matrix: { a: Array.from({ length: 300 }, (_, index) => index) }, failFast: true } }),
        job("twin", { strategy: { matrix: { include: [{ a: 1 }, { a: 1 }] }, failFast: true } }),
      ]),
    );
    expect(run.job("big").reason).toMatch(/300 combinations; the limit is 256/);
    expect(run.jobs).toMatchObject({ "twin (1)": "queued", "twin (1) #2": "queued" });
  });

  it("never runs more than max-parallel at once", () => {
    const run = new Scenario(
      plan("ci", [job("m", { strategy: { matrix: { v: [1, 2, 3] }, failFast: true, maxParallel: 1 } })]),
    );
    expect(run.jobs).toEqual({ "m (1)": "queued", "m (2)": "waiting", "m (3)": "waiting" });
    expect(waitOf(run.job("m (2)"))).toBe("a free place in its matrix (max-parallel 1)");
    run.start("m (1)").end("m (1)");
    expect(run.jobs).toEqual({ "m (1)": "success", "m (2)": "queued", "m (3)": "waiting" });
  });

  it("sets no limit at max-parallel 0 and timeout-minutes 0", () => {
    const run = new Scenario(
      plan("ci", [
        job("m", {
          timeoutMinutes: expr("0"),
          strategy: { matrix: { v: [1, 2, 3] }, failFast: true, maxParallel: expr("0") },
        }),
      ]),
    );
    expect(run.jobs).toEqual({ "m (1)": "queued", "m (2)": "queued", "m (3)": "queued" });
    expect(run.queued("m (1)")).toMatchObject({ timeoutMinutes: 360, contexts: { strategy: { "max-parallel": 3 } } });
  });

  it("stops the other cells when one fails, but not when its failure is allowed", () => {
    const strategy = { matrix: { v: [1, 2, 3] }, failFast: true, maxParallel: 2 };
    const run = new Scenario(plan("ci", [job("m", { strategy })])).start("m (1)", "m (2)").end("m (1)", "failure");
    expect(run.latest).toEqual([{ type: "job.cancel", key: "ci/m (2)", attempt: 1 }]);
    expect(run.jobs).toEqual({ "m (1)": "failure", "m (2)": "running", "m (3)": "cancelled" });
    const allowed = new Scenario(plan("ci", [job("m", { strategy, continueOnError: expr("matrix.v == 1") })]))
      .start("m (1)", "m (2)")
      .end("m (1)", "failure");
    expect(allowed.jobs).toEqual({ "m (1)": "failure", "m (2)": "running", "m (3)": "queued" });
    expect(allowed.job("m (1)").allowed).toBe(true);
  });
});

describe("runs-on, timeouts, names", () => {
  it.each([
    ["linux", ["linux"]],
    [
      ["a", "b", "a"],
      ["a", "b"],
    ],
    [{ group: "g", labels: ["x", "y"] }, ["x", "y"]],
    [{ group: "g" }, ["g"]],
    [expr('fromJSON(\'["p","q"]\')'), ["p", "q"]],
    [[], []],
  ])("resolves %j to %j", (runsOn, labels) => {
    expect(new Scenario(plan("ci", [job("a", { runsOn })])).job("a").labels).toEqual(labels);
  });

  it("fails the job for invalid labels or timeouts", () => {
    const run = new Scenario(
      plan("ci", [
        job("a", { runsOn: "" }),
        job("b", { timeoutMinutes: -1 }),
        job("c", { timeoutMinutes: expr("'soon'") }),
        job("d"),
      ]),
    );
    expect(run.jobs).toEqual({ a: "failure", b: "failure", c: "failure", d: "queued" });
    expect(run.queued("d").timeoutMinutes).toBe(360);
  });
});

describe("cancel", () => {
  it("ends jobs that have not started, asks running ones to stop, and lets always() run", () => {
    const run = new Scenario(
      plan("ci", [
        job("a"),
        job("b"),
        job("c", { needs: ["a"] }),
        job("d", { needs: ["a", "c"], if: expr("always()") }),
        job("e", { needs: ["a"], if: expr("!cancelled()") }),
      ]),
    )
      .start("a")
      .cancel();
    expect(run.jobs).toEqual({ a: "running", b: "cancelled", c: "cancelled", d: "waiting", e: "waiting" });
    expect(run.latest).toEqual([{ type: "job.cancel", key: "ci/a", attempt: 1 }]);
    run.end("a", "cancelled");
    expect(run.jobs).toMatchObject({ d: "queued", e: "cancelled" });
    run.end("d");
    expect(run.state.status).toBe("cancelled");
  });

  it("lets a running job with always() continue at first, and stops it at the second cancel", () => {
    const run = new Scenario(plan("ci", [job("a", { if: expr("always()") })])).start("a").cancel();
    expect(run.latest).toEqual([]);
    expect(run.cancel().latest).toEqual([{ type: "job.cancel", key: "ci/a", attempt: 1 }]);
    expect(run.cancel().latest).toEqual([]);
  });

  it("cancels one job by its key, and one workflow", () => {
    const run = new Scenario(plan("a", [job("x"), job("y")]), plan("b", [job("z")])).cancel({ key: "a/x" });
    expect(run.jobs).toEqual({ x: "cancelled", y: "queued", z: "queued" });
    run.cancel({ workflow: "b" });
    expect(run.jobs).toEqual({ x: "cancelled", y: "queued", z: "cancelled" });
  });
});

describe("lost jobs", () => {
  it("restarts a lost job while it has retries, then fails it", () => {
    const run = new Scenario(plan("ci", [job("a", { retryLost: 1 }), job("b", { needs: ["a"] })])).start("a").lose("a");
    expect(run.job("a")).toMatchObject({ status: "queued", attempt: 2, retriesLeft: 0 });
    const before = run.state;
    run.send({ type: "job.finished", key: "ci/a", attempt: 1, status: "success", outputs: {} });
    expect(run.state).toBe(before);
    run.start("a").lose("a");
    expect(run.jobs).toEqual({ a: "lost", b: "skipped" });
    expect(run.state.status).toBe("failure");
  });
});

describe("rerun", () => {
  it("restarts failed jobs and their dependents, while siblings continue", () => {
    const run = new Scenario(
      plan("ci", [
        job("bad"),
        job("slow"),
        job("good"),
        job("after", { needs: ["bad"] }),
        job("end", { needs: ["after", "slow"] }),
      ]),
    );
    run.start("bad", "slow", "good").end("good").end("bad", "failure");
    expect(run.jobs).toEqual({ bad: "failure", slow: "running", good: "success", after: "skipped", end: "waiting" });
    run.send({ type: "rerun", mode: "failed" });
    expect(run.jobs).toEqual({ bad: "queued", slow: "running", good: "success", after: "waiting", end: "waiting" });
    expect(run.job("bad").attempt).toBe(2);
    expect(run.job("slow").attempt).toBe(1);
    expect(run.state.attempt).toBe(2);
    run.end("bad").end("after").end("slow").end("end");
    expect(run.state.status).toBe("success");
  });

  it("restarts everything once the run has finished, not before", () => {
    const run = new Scenario(
      plan("ci", [job("a"), job("b", { needs: ["a"], strategy: { matrix: { v: [1, 2] }, failFast: false } })]),
    );
    const before = run.state;
    expect(run.send({ type: "rerun", mode: "all" }).state).toBe(before);
    run.end("a").end("b (1)").end("b (2)", "failure").send({ type: "rerun", mode: "all" });
    expect(run.jobs).toEqual({ a: "queued", b: "waiting" });
    run.end("a");
    expect(run.job("b (2)").attempt).toBe(2);
    run.end("b (1)", "failure").end("b (2)").send({ type: "rerun", mode: "failed" });
    expect(run.jobs).toEqual({ a: "success", "b (1)": "queued", "b (2)": "success" });
    expect(run.job("b (1)")).toMatchObject({ attempt: 3, name: "b (1)", matrix: { v: 1 } });
  });

  it("does nothing when nothing failed", () => {
    const run = new Scenario(plan("ci", [job("a")])).end("a");
    const before = run.state;
    expect(run.send({ type: "rerun", mode: "failed" }).state).toBe(before);
  });
});

function needing(workflow: string, required: boolean): Pick<Plan, "needs"> {
  return { needs: [{ workflow, required }] };
}

describe("workflows", () => {
  it("waits for needed workflows, whose jobs count as ancestors", () => {
    const run = new Scenario(
      plan("build", [job("x")]),
      plan("deploy", [job("y")], needing("build", true)),
      plan("notify", [job("z", { if: expr("failure()") })], needing("deploy", true)),
    );
    expect(waitOf(run.state.workflows[1])).toBe("workflow build");
    expect(waitOf(run.job("y"))).toBe("workflow build");
    run.start("x").end("x", "failure");
    expect(run.jobs).toEqual({ x: "failure", y: "skipped", z: "queued" });
    expect(run.state.workflows.map((each) => each.status)).toEqual(["failure", "skipped", "pending"]);
  });

  it("ignores an optional workflow that is absent and skips when a required one is", () => {
    const run = new Scenario(
      plan("a", [job("x")], needing("gone", false)),
      plan("b", [job("y")], needing("gone", true)),
    );
    expect(run.jobs).toEqual({ x: "queued", y: "skipped" });
    expect(run.job("y").reason).toMatch(/gone/);
  });
});

describe("concurrency groups", () => {
  const concurrency = { group: expr("format('deploy-{0}', github.ref)"), cancelInProgress: false, limit: 1 };

  it("lets a workflow wait for its group, and releases the group at the end", () => {
    const run = new Scenario(plan("ci", [job("a")], { concurrency }));
    const holder = "workflow:ci:1";
    expect(run.effects).toEqual([
      { type: "group.enter", holder, group: "deploy-refs/heads/main", cancelInProgress: false, limit: 1 },
    ]);
    expect(run.state.status).toBe("blocked");
    expect(waitOf(run.job("a"))).toBe("concurrency group deploy-refs/heads/main");
    run.send({ type: "group.granted", holder });
    expect(run.jobs).toEqual({ a: "queued" });
    run.end("a");
    expect(run.latest).toEqual([
      { type: "group.leave", holder, group: "deploy-refs/heads/main" },
      { type: "run.finished", status: "success" },
    ]);
  });

  it("cancels a workflow that waits for its group, always() or not, and leaves the queue", () => {
    const run = new Scenario(plan("ci", [job("a", { if: expr("always()") })], { concurrency })).cancel();
    expect(run.state.status).toBe("cancelled");
    expect(run.latest.map((effect) => effect.type)).toEqual(["group.leave", "run.finished"]);
  });

  it("takes a job's group only within max-parallel, and leaves it when the job ends or is lost", () => {
    const run = new Scenario(
      plan("ci", [
        job("m", {
          retryLost: 1,
          concurrency: { group: "g", cancelInProgress: true, limit: 1 },
          strategy: { matrix: { v: [1, 2] }, failFast: true, maxParallel: 1 },
        }),
      ]),
    );
    expect(run.effects.map((effect) => effect.type)).toEqual(["group.enter"]);
    run.send({ type: "group.granted", holder: "job:ci/m (1):1" }).start("m (1)").lose("m (1)");
    expect(run.latest).toEqual([
      { type: "group.leave", holder: "job:ci/m (1):1", group: "g" },
      { type: "group.enter", holder: "job:ci/m (1):2", group: "g", cancelInProgress: true, limit: 1 },
    ]);
  });

  it("treats group names that differ only in case as the same", () => {
    const [a, b] = ["Prod", "PROD "].map((group) => ({ concurrency: { group, cancelInProgress: false, limit: 1 } }));
    const run = new Scenario(plan("ci", [job("a", a), job("b", b)]));
    expect(run.effects).toMatchObject([
      { type: "group.enter", group: "prod" },
      { type: "group.enter", group: "prod" },
    ]);
  });

  it("refuses a job whose group its workflow already holds", () => {
    const run = new Scenario(plan("ci", [job("a", { concurrency })], { concurrency })).send({
      type: "group.granted",
      holder: "workflow:ci:1",
    });
    expect(run.job("a").reason).toMatch(/could never start/);
  });
});
