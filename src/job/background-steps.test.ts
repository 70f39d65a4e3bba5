import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { StepAction, StepPlan } from "../model/index.ts";
import { run, scratchFolder, script, uses } from "./testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const { path: work } = scratch;

const background = { background: true };
const always = { $expr: "always()" };

function control(
  id: string,
  action: Extract<StepAction, { type: "wait" | "cancel" }>,
  more: Partial<StepPlan> = {},
): StepPlan {
  return { id, if: always, env: {}, action, ...more };
}

const wait = (id: string, steps: readonly string[] | "all", more?: Partial<StepPlan>): StepPlan =>
  control(id, { type: "wait", steps }, more);
const cancel = (id: string, steps: readonly string[]): StepPlan => control(id, { type: "cancel", steps });

/** Goes on when the file is there. */
const until = (file: string): string => `until [ -e ${file} ]; do sleep 0.02; done`;

describe("steps in the background", () => {
  it("let the next one start, and their results are there once a step has waited for them", async () => {
    const say = 'echo "[$NEW] [$CHANGED] [${{ steps.back.outputs.v }}] [${{ steps.back.outcome }}] ${PATH%%:*}"';
    const { logs, finished } = await run(work, {
      steps: [
        script("set", "echo CHANGED=old >> $GITHUB_ENV; echo /first >> $GITHUB_PATH"),
        script(
          "back",
          `${until("go")}; echo v=1 >> $GITHUB_OUTPUT; echo NEW=n >> $GITHUB_ENV; echo CHANGED=back >> $GITHUB_ENV; echo /back >> $GITHUB_PATH; touch done`,
          background,
        ),
        script("between", `touch go; ${until("done")}; echo /later >> $GITHUB_PATH; ${say}`),
        script("still", say),
        wait("wait", ["back"]),
        script("after", say),
      ],
    });
    expect(logs[2]).toBe("[] [old] [] [] /first\n");
    expect(logs[3]).toBe("[] [old] [] [] /later\n");
    expect(logs[4]).toContain("back");
    expect(logs[5]).toBe("[n] [back] [1] [success] /back\n");
    expect(finished.status).toBe("success");
  });

  it("fail the step that waits for them, and with it the job; until then nothing", async () => {
    const { steps, logs, finished } = await run(work, {
      steps: [
        script("bad", "touch failed; exit 3", background),
        script("next", until("failed")),
        script("asks", "true", { if: { $expr: "failure()" } }),
        wait("wait", "all"),
        script("after", "true"),
        script("told", "echo ${{ steps.bad.outcome }} ${{ steps.wait.outcome }}", { if: { $expr: "failure()" } }),
      ],
    });
    expect(steps).toEqual({
      bad: "failure",
      next: "success",
      asks: "skipped",
      wait: "failure",
      after: "skipped",
      told: "success",
    });
    expect(logs[5]).toBe("failure failure\n");
    expect(finished.status).toBe("failure");
  });

  it.each([
    ["a failure that nobody waits for fails the job at its end", [script("bad", "exit 3", background)], "failure"],
    [
      "a failure that does not count fails nothing",
      [script("bad", "exit 3", { ...background, continueOnError: true }), wait("wait", ["bad"])],
      "success",
    ],
    [
      "the failure of a wait that does not count fails nothing",
      [script("bad", "exit 3", background), wait("wait", ["bad"], { continueOnError: true })],
      "success",
    ],
    [
      "one that is skipped fails nothing",
      [script("bad", "exit 3", { ...background, if: { $expr: "failure()" } }), wait("wait", ["bad"])],
      "success",
    ],
  ] as const)("%s", async (_what, steps, expected) => {
    const { finished } = await run(work, { steps });
    expect(finished.status).toBe(expected);
  });

  it("are ended by a cancel, which waits for it and does not count", async () => {
    const { steps, logs, finished } = await run(work, {
      steps: [
        script("server", "trap 'echo bye; exit 0' TERM; touch up; while true; do sleep 0.02; done", background),
        script("work", until("up")),
        cancel("stop", ["server"]),
        script("after", "echo ${{ steps.server.outcome }}"),
      ],
    });
    expect(logs[0]).toContain("bye\n");
    expect(logs[3]).toBe("cancelled\n");
    expect(steps).toMatchObject({ server: "cancelled", stop: "success" });
    expect(finished.status).toBe("success");
  });

  it("fail the job at its end if they had failed before they were cancelled", async () => {
    const ended = join(work, "ended");
    const { steps, finished } = await run(work, {
      steps: [
        script("bad", "exit 3", background),
        script("next", `until [ -e "$ENDED" ]; do sleep 0.02; done`, { env: { ENDED: ended } }),
        cancel("stop", ["bad"]),
        script("after", "true"),
      ],
      onReport: (entry) => void (entry.type === "step.finished" && entry.step === 0 && writeFileSync(ended, "")),
    });
    expect(steps).toEqual({ bad: "failure", next: "success", stop: "success", after: "success" });
    expect(finished.status).toBe("failure");
  });

  it("run ten at a time, the others in their turn", async () => {
    // Nobody leaves before ten are there.
    const busy = `touch on-$GITHUB_ACTION; echo x >> $RUNNER_TEMP/begun; ls | grep -c '^on-' >> $RUNNER_TEMP/seen
until [ $(wc -l < $RUNNER_TEMP/begun) -ge 10 ]; do sleep 0.02; done; rm on-$GITHUB_ACTION`;
    const many = Array.from({ length: 14 }, (_, index) => script(`s${index}`, busy, background));
    const { logs, finished } = await run(work, {
      steps: [
        ...many,
        wait("wait", "all"),
        script("seen", "sort -n $RUNNER_TEMP/seen | tail -1; wc -l < $RUNNER_TEMP/seen"),
      ],
    });
    expect(finished.status).toBe("success");
    const [most, count] = (logs[15] ?? "").trim().split(/\s+/).map(Number);
    expect(count).toBe(14);
    expect(most).toBeLessThanOrEqual(10);
  });

  it("are ended when the job is cancelled, including queued ones", async () => {
    const controller = new AbortController();
    const many = Array.from({ length: 12 }, (_, index) => script(`s${index}`, "sleep 300", background));
    const { steps, logs, finished } = await run(work, {
      steps: [...many, script("stop", "echo now"), wait("wait", "all"), script("tidy", "echo tidy", { if: always })],
      ports: { signal: controller.signal },
      onLog: () => controller.abort(),
    });
    expect(finished.status).toBe("cancelled");
    expect(Object.values(steps).filter((status) => status === "cancelled").length).toBeGreaterThanOrEqual(10);
    expect(logs[14]).toBe("tidy\n");
  });

  it("fail like any step if their action does not exist", async () => {
    const { steps, finished } = await run(work, {
      steps: [uses("none", "./nowhere", {}, background), wait("wait", ["none"])],
    });
    expect(steps).toEqual({ none: "failure", wait: "failure" });
    expect(finished.status).toBe("failure");
  });
});
