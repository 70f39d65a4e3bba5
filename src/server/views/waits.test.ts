import { describe, expect, it } from "vitest";
import { type RunnerView, waitText } from "../../model/index.ts";
import type { JobHead } from "../../store/index.ts";
import { runnerWaits } from "./waits.ts";

function queued(id: string, ...labels: readonly string[]): JobHead {
  return {
    id,
    runId: "r",
    key: id,
    job: id,
    workflow: "w",
    name: id,
    attempt: 1,
    status: "queued",
    needs: [],
    labels,
    position: 0,
    fence: 0,
    outputs: {},
    reported: 0,
    cancelRequested: false,
    allowed: false,
    newest: true,
    planned: [],
  };
}

function runner(online: boolean, ...labels: readonly string[]): RunnerView {
  return {
    id: labels.join("-"),
    name: "r",
    labels: [...labels],
    capacity: 1,
    busy: 0,
    online,
    lastSeenAt: "2026-01-01T00:00:00Z",
  };
}

function text(job: JobHead, ...runners: readonly RunnerView[]): string | undefined {
  const wait = runnerWaits([job], runners).get(job.id);
  return wait && waitText(wait);
}

describe("what a queued job waits for", () => {
  it("counts the places of jobs that ask for the same labels, in any order", () => {
    const texts = runnerWaits(
      [queued("a", "x", "y"), queued("b", "z"), queued("c", "y", "x")],
      [runner(true, "x", "y", "z")],
    );
    expect([...texts.values()].map(waitText)).toEqual([
      "a runner with labels x, y; 1st in the queue",
      "a runner with label z; 1st in the queue",
      "a runner with labels y, x; 2nd in the queue",
    ]);
  });

  it("says why no runner takes a job: none online, a label that none has, labels that none has together", () => {
    expect(text(queued("a", "x"), runner(false, "x"))).toBe(
      "a runner with label x, but no runner is online; 1st in the queue",
    );
    expect(text(queued("a", "gpu"), runner(true, "x"))).toBe(
      "a runner with label gpu, but no runner online has it; 1st in the queue",
    );
    expect(text(queued("a", "x", "gpu"), runner(true, "x"))).toBe(
      "a runner with labels x, gpu, but no runner online has the label gpu; 1st in the queue",
    );
    expect(text(queued("a", "x", "y"), runner(true, "x"), runner(true, "y"))).toBe(
      "a runner with labels x, y, but no runner online has all of them; 1st in the queue",
    );
    expect(text(queued("a"), runner(true))).toBe("a runner; 1st in the queue");
  });

  it("writes ordinals as people do", () => {
    const texts = [
      ...runnerWaits(
        Array.from({ length: 23 }, (_, index) => queued(String(index))),
        [runner(true)],
      ).values(),
    ].map(waitText);
    expect(
      [1, 2, 3, 4, 11, 12, 13, 21, 22, 23].map((place) => texts[place - 1]?.split("; ")[1]?.split(" ")[0]),
    ).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd"]);
  });
});
