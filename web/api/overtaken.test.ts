import { describe, expect, it } from "vitest";
import { fetchRun, overtake } from "./overtaken.ts";
import type { RunEvent } from "./patch.ts";
import type { Job, RunDetail } from "./types.ts";

function job(id: string): Job {
  return {
    id,
    key: id,
    job: id,
    workflow: "ci",
    name: id,
    attempt: 1,
    status: "queued",
    allowed: false,
    needs: [],
    outputs: {},
    steps: [],
  };
}

function run(version: number, ...jobs: readonly string[]): RunDetail {
  return {
    id: "r",
    repository: "shop",
    number: 1,
    attempt: 1,
    title: "",
    event: "push",
    ref: "",
    sha: "",
    author: "",
    sender: "",
    status: "running",
    version,
    createdAt: "",
    workflows: [],
    jobs: jobs.map(job),
    earlier: [],
    annotations: [],
    summaries: [],
    leftOut: { annotations: false, summaries: false },
    artifacts: [],
    diagnostics: [],
  };
}

function started(id: string, version: number): RunEvent {
  return { type: "job", run: "r", version, job: id, status: "running" };
}

/** Fetches the run; the events arrive while the first response is under way. */
async function fetched(events: readonly RunEvent[], ...responses: readonly RunDetail[]) {
  let count = 0;
  const result = await fetchRun("r", async () => {
    if (count === 0) for (const event of events) overtake(event);
    count += 1;
    const response = responses[count - 1] ?? responses.at(-1);
    if (response === undefined) throw new Error("No response is left.");
    return response;
  });
  return { count, states: result.jobs.map((each) => each.status), version: result.version };
}

describe("a run that changes while it is fetched", () => {
  it("has the changes that its response was too early for", async () => {
    expect(await fetched([started("a", 2)], run(1, "a"))).toEqual({ count: 1, states: ["running"], version: 2 });
  });

  it("keeps what the response knows better", async () => {
    expect(await fetched([started("a", 2)], run(3, "a"))).toEqual({ count: 1, states: ["queued"], version: 3 });
  });

  it("is fetched again if it got a job that the response does not have, but not for ever", async () => {
    const event = started("b", 2);
    expect(await fetched([event], run(1, "a"), run(2, "a", "b"))).toMatchObject({
      count: 2,
      states: ["queued", "running"],
    });
    expect(await fetched([event], run(1, "a"))).toMatchObject({ count: 3 });
  });

  it("does not hear of another run, nor of what came before", async () => {
    overtake(started("a", 2));
    expect(await fetched([{ ...started("a", 2), run: "another" }], run(1, "a"))).toMatchObject({ states: ["queued"] });
  });
});
