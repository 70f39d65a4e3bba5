import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { until } from "../support/until.ts";

describe("a separate runner that wakes up after its job was lost", () => {
  it("begins no further step of the job, though the step before it ended meanwhile", async () => {
    await using place = await Installation.start({ config: { runner: { embedded: false } } });
    const [steps, ended, go] = [place.witness("steps"), place.witness("ended"), place.witness("go")];
    const sleeper = await place.startRunner("sleeper");
    const sha = await place.push("woken", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  deploy:
    runs-on: host
    steps:
      - run: 'echo first >> ${steps.path}; until [ -e ${go.path} ]; do sleep 0.01; done; echo ended >> ${ended.path}'
      - run: 'echo second >> ${steps.path}'
`,
    });
    await steps.shows("first");
    sleeper.signal("SIGSTOP");
    await until("the lost job", async () => (await place.runOf(sha))?.jobs.find((job) => job.status === "lost"), 150);
    go.write();
    await ended.shows("ended");
    sleeper.signal("SIGCONT");
    await sleeper.says(/dropped/);
    expect(steps.lines).toEqual(["first"]);
  });
});
