import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { container, run, scratchFolder, script } from "./testing.ts";
import { parseDuration } from "./backend/dummy/duration.ts";
import { pluginEnvironment } from "./action/settings.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const { path: work } = scratch;

describe("steps that form a graph", () => {
  it("run side by side when their needs have ended", async () => {
    const { steps, logs } = await run(work, {
      steps: [
        script("a", "until [ -e b ]; do sleep 0.02; done", { needs: [] }),
        script("b", "touch b", { needs: [] }),
        script("c", "ls", { needs: ["a", "b"] }),
      ],
    });
    expect(steps).toEqual({ a: "success", b: "success", c: "success" });
    expect(logs[2]).toBe("b\n");
  });

  it("skip steps after a failure, and run those that ask for it", async () => {
    const { steps, finished } = await run(work, {
      steps: [
        script("a", "exit 1", { needs: [] }),
        script("b", "true", { needs: ["a"] }),
        script("c", "true", { needs: ["a"], if: { $expr: "failure()" } }),
        script("d", "true", { needs: ["b", "c", "absent"], if: { $expr: "always()" } }),
      ],
    });
    expect(steps).toEqual({ a: "failure", b: "skipped", c: "success", d: "success" });
    expect(finished.status).toBe("failure");
  });

  it("fail the job instead of hanging when they wait for each other", async () => {
    const { finished } = await run(work, {
      steps: [script("a", "true", { needs: ["b"] }), script("b", "true", { needs: ["a"] })],
    });
    expect(finished).toMatchObject({ status: "failure", reason: expect.stringContaining("wait for each other") });
  });
});

describe("steps beside the others", () => {
  it("are waited for when they are in the background, and stopped when detached", async () => {
    const ended = join(work, "main has ended");
    const { steps, finished } = await run(work, {
      steps: [
        script("back", `until [ -e "$ENDED" ]; do sleep 0.02; done`, { background: true, env: { ENDED: ended } }),
        container("server", { image: "bash", commands: ["touch up", "sleep 300"], detach: true }),
        script("main", "until [ -e up ]; do sleep 0.02; done"),
      ],
      onReport: (entry) => void (entry.type === "step.finished" && entry.step === 2 && writeFileSync(ended, "")),
    });
    expect(steps).toEqual({ back: "success", server: "success", main: "success" });
    expect(finished.status).toBe("success");
  });
});

describe("container steps on the host", () => {
  it("show each command, stop at the first that fails, and say that the image is ignored", async () => {
    const { logs, steps } = await run(work, {
      steps: [container("a", { image: "golang:1.22", commands: ["echo 'it''s'", "false", "echo never"] })],
    });
    expect(logs[0]).toMatch(/golang:1\.22 and runs[\s\S]*\+ echo 'it''s'\nits\n\+ false\n##\[error\]/);
    expect(steps).toEqual({ a: "failure" });
  });

  it("use the shell that the image names", async () => {
    const { logs } = await run(work, {
      steps: [
        container("a", { image: "bash", commands: ["echo ${BASH_VERSION:+bash}"] }),
        container("b", { image: "no-such-shell", commands: ["echo fine"] }),
      ],
    });
    expect(logs[0]).toBe("+ echo ${BASH_VERSION:+bash}\nbash\n");
    expect(logs[1]).toContain("fine\n");
  });

  it("run a plugin as the program that its image names, and say when there is none", async () => {
    const { logs, steps } = await run(work, {
      steps: [
        container("plugin", {
          image: "env",
          settings: { "a.b-c": [1, "x", true], nested: { k: [1] }, token: { $expr: "secrets.S" }, none: null },
        }),
        container("missing", { image: "plugins/none:1", settings: {} }),
      ],
      assignment: { secrets: { S: "topsecret" } },
    });
    expect(logs[0]).toMatch(/^PLUGIN_A_B_C=1,x,true$/m);
    expect(logs[0]).toMatch(/^PLUGIN_NESTED=\{"k":\[1\]\}$/m);
    expect(logs[0]).toMatch(/^PLUGIN_TOKEN=\*\*\*$/m);
    expect(logs[0]).not.toContain("PLUGIN_NONE");
    expect(steps).toEqual({ plugin: "success", missing: "failure" });
    expect(logs[1]).toMatch(/plugins\/none:1 cannot run on the host/);
  });

  it("are not told that they run on GitHub, unless their dialect says so", async () => {
    const steps = [container("a", { image: "bash", commands: ['echo "[${GITHUB_ACTIONS-}]"'] })];
    expect((await run(work, { steps, plan: { systemEnv: { CI: "woodpecker" } } })).logs[0]).toContain("\n[]\n");
    expect((await run(work, { steps, plan: { systemEnv: { GITHUB_ACTIONS: "true" } } })).logs[0]).toContain(
      "\n[true]\n",
    );
  });

  it("say when they and their job began", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { logs } = await run(work, {
      steps: [container("a", { image: "bash", commands: ["echo $CI_PIPELINE_STARTED $CI_STEP_STARTED"] })],
    });
    const [job = 0, step = 0] = (logs[0] ?? "").split("\n")[1]?.split(" ").map(Number) ?? [];
    expect([job >= before, step >= job, step <= Date.now() / 1000]).toEqual([true, true, true]);
  });

  it("honour an entrypoint, which finds the commands in CI_SCRIPT", async () => {
    const { logs } = await run(work, {
      steps: [
        container("a", {
          image: "x",
          entrypoint: ["sh", "-c", "echo own; echo $CI_SCRIPT | base64 -d | sh -e"],
          commands: ["echo from commands"],
        }),
      ],
    });
    expect(logs[0]).toBe("own\n+ echo from commands\nfrom commands\n");
  });
});

function pretend(id: string, env: Record<string, string>) {
  return container(id, { image: "dummy", commands: ["echo hi"] }, { env });
}

describe("the dummy backend", () => {
  const dummy = { backend: "dummy" as const };

  it("simulates what the variables say, and runs nothing", async () => {
    const { steps, reports, logs, finished } = await run(work, {
      ...dummy,
      steps: [
        { id: "clone", env: {}, action: { type: "typed", kind: "checkout", config: {} } },
        pretend("fine", { SLEEP: "10ms", EXPECT_TYPE: "commands" }),
        pretend("code", { STEP_EXIT_CODE: "2" }),
        { ...pretend("start", { STEP_START_FAIL: "true" }), if: { $expr: "always()" } },
        { ...pretend("memory", { STEP_OOM_KILLED: "true" }), if: { $expr: "always()" } },
        { ...pretend("type", { EXPECT_TYPE: "service" }), if: { $expr: "always()" } },
        { ...pretend("tail", { STEP_TAIL_FAIL: "true" }), if: { $expr: "always()" } },
        pretend("skipped", {}),
      ],
    });
    expect(steps).toEqual({
      clone: "success",
      fine: "success",
      code: "failure",
      start: "failure",
      memory: "failure",
      type: "failure",
      tail: "failure",
      skipped: "skipped",
    });
    const codes = reports.flatMap((entry) => (entry.type === "step.finished" ? [entry.exitCode] : []));
    expect(codes).toEqual([0, 0, 2, undefined, 137, undefined, undefined, undefined]);
    expect(logs[1]).toContain("StepCommands:\n------------------\necho hi\n");
    expect(logs[6]).toBe("");
    expect(finished.status).toBe("failure");
  });

  it("counts services as steps, and reports them after the others", async () => {
    const { reports, steps, finished } = await run(work, {
      ...dummy,
      job: {
        services: [
          { id: "db", image: "dummy", env: { SLEEP: "10ms" } },
          { id: "bad", image: "dummy", env: { STEP_EXIT_CODE: "3" } },
        ],
      },
      steps: [
        pretend("test", {}),
        container("detached", { image: "dummy", commands: ["x"], detach: true }, { env: { SLEEP: "1h" } }),
      ],
    });
    expect(steps).toEqual({ test: "success", detached: "success", db: "success", bad: "failure!" });
    expect(reports.flatMap((entry) => (entry.type === "step.finished" ? [entry.step] : [])).slice(-2)).toEqual([2, 3]);
    expect(finished.status).toBe("success");
  });

  it("counts a failure to start even where failures are ignored, as Woodpecker does", async () => {
    const ignored = await run(work, {
      ...dummy,
      steps: [{ ...pretend("lint", { STEP_START_FAIL: "true" }), continueOnError: true }, pretend("test", {})],
    });
    expect(ignored.steps).toEqual({ lint: "failure", test: "skipped" });
    expect(ignored.finished.status).toBe("failure");
    const detached = await run(work, {
      ...dummy,
      steps: [
        container("db", { image: "dummy", commands: ["x"], detach: true }, { env: { STEP_TAIL_FAIL: "true" } }),
        pretend("test", {}),
      ],
    });
    expect(detached.steps).toEqual({ db: "failure", test: "skipped" });
    expect(detached.finished.status).toBe("failure");
  });

  it("starts services behind the checkout; one that does not start fails the job", async () => {
    const clone = { id: "clone", env: {}, action: { type: "typed" as const, kind: "checkout" as const, config: {} } };
    const { steps, finished } = await run(work, {
      ...dummy,
      job: {
        services: [
          { id: "db", image: "dummy", env: { STEP_START_FAIL: "true" } },
          { id: "cache", image: "dummy", env: { SLEEP: "1h" } },
        ],
      },
      steps: [clone, pretend("test", {}), { ...pretend("notify", {}), if: { $expr: "failure()" } }],
    });
    expect(steps).toEqual({ clone: "success", test: "skipped", notify: "success", db: "failure", cache: "success" });
    expect(finished.status).toBe("failure");
    const broken = await run(work, {
      ...dummy,
      job: { services: [{ id: "db", image: "dummy", env: {} }] },
      steps: [{ ...clone, env: { STEP_EXIT_CODE: "1" } }, pretend("test", {})],
    });
    expect(broken.steps).toEqual({ clone: "failure", test: "skipped", db: "skipped" });
  });

  it("lets a detached step that is stopped at the end of the job end as scripted, as the type it is", async () => {
    const { steps, reports, finished } = await run(work, {
      ...dummy,
      steps: [
        container(
          "db",
          { image: "dummy", commands: ["x"], detach: true },
          { env: { SLEEP: "1h", STEP_EXIT_CODE: "2", EXPECT_TYPE: "commands" } },
        ),
        pretend("test", {}),
      ],
    });
    expect(steps).toEqual({ db: "failure!", test: "success" });
    expect(reports.find((entry) => entry.type === "step.finished" && entry.step === 0)).toMatchObject({ exitCode: 2 });
    expect(finished.status).toBe("success");
  });

  it("ends a sleeping step at a cancel", async () => {
    const controller = new AbortController();
    const { steps, reports } = await run(work, {
      steps: [pretend("a", { SLEEP: "10m" })],
      ...dummy,
      ports: { signal: controller.signal },
      // It says what it is, and sleeps.
      onLog: () => controller.abort(),
    });
    expect(steps).toEqual({ a: "cancelled" });
    expect(reports.find((entry) => entry.type === "step.finished")).toMatchObject({ exitCode: 130 });
  });
});

describe("parseDuration", () => {
  it.each([
    ["100ms", 100],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["0", 0],
    ["-2s", -2_000],
    ["1h2m3s4ms", 3_723_004],
    [".5s", 500],
    ["10", undefined],
    ["s", undefined],
    ["1x", undefined],
    ["", undefined],
    ["1s ", undefined],
  ])("reads %j as %j", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });
});

describe("pluginEnvironment", () => {
  it("turns settings into variables as Woodpecker does", () => {
    expect(
      pluginEnvironment({
        repo: "a/b",
        "dry-run": true,
        count: 1.5,
        list: ["a", 2],
        deep: [{ a: 1 }, "x"],
        empty: [],
        no: null,
      }),
    ).toEqual({
      PLUGIN_REPO: "a/b",
      PLUGIN_DRY_RUN: "true",
      PLUGIN_COUNT: "1.5",
      PLUGIN_LIST: "a,2",
      PLUGIN_DEEP: '[{"a":1},"x"]',
      PLUGIN_EMPTY: "",
    });
  });
});
