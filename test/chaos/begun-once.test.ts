import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { run } from "../support/sluice.ts";
import { until, untilTrue } from "../support/until.ts";

/** Folders of jobs below a work folder, which has one for each user. */
function jobFolders(work: string): string[] {
  return readdirSync(work, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^job-[0-9a-f]+$/.test(entry.name))
    .map((entry) => entry.name);
}

/** The commit that was pushed to a repository last. */
async function head(place: Installation, repository: string): Promise<string> {
  return (await run("git", ["rev-parse", "HEAD"], { cwd: join(place.folder, `tree of ${repository}`) })).stdout.trim();
}

const forms = [
  { form: "in the server's process", runner: process.getuid?.() === 0 ? { user: "root" } : {}, possible: true },
  { form: "in a process of another user", runner: {}, possible: process.getuid?.() === 0 },
];

describe.each(forms)("a server that is stopped as soon as a job has its folder, and killed ($form)", (each) => {
  it.skipIf(!each.possible).each([0, 1])(
    "runs the job once in each attempt, and makes no attempt more than it asks for (%i)",
    async (retries) => {
      await using place = await Installation.start({
        config: { runner: { labels: ["host"], capacity: 1, ...each.runner } },
      });
      const work = join(place.data, "work");
      for (let trial = 1; trial <= 4; trial += 1) {
        const steps = place.witness(`steps-${trial}`);
        const before = new Set(jobFolders(work));
        // The server may be stopped before git has its answer.
        const pushed = place.push(`trial-${trial}`, {
          ".github/workflows/ci.yml": `
on: push
jobs:
  deploy:
    runs-on: host
    env: { SLUICE_RETRY_LOST: "${retries}" }
    steps: [{ run: 'echo deploy >> ${steps.path}' }]
`,
        });
        while (jobFolders(work).every((name) => before.has(name))) await delay(1);
        place.server.signal("SIGSTOP");
        // A runner of its own goes on meanwhile; for one inside, the kill may come at any moment.
        await delay(200);
        await place.server.kill();
        const begun = steps.lines.length;
        await place.startServer();
        await pushed.catch(() => undefined);
        const sha = await head(place, `trial-${trial}`);
        const ended = await place.endOf(sha);
        const attempts = [...ended.jobs, ...ended.earlier].map((job) => job.status);
        expect(steps.lines.length, `${begun} before the kill, ${attempts.join()}`).toBeLessThanOrEqual(attempts.length);
        expect(attempts.length).toBeLessThanOrEqual(1 + retries);
        expect(begun > 0 ? attempts.at(-1) : "lost").toBe("lost");
        expect(retries > 0 ? ended.status : "success").toBe("success");
      }
    },
  );
});

describe("a server that is killed while a separate runner works", () => {
  const separate = { config: { runner: { embedded: false } } };

  it("between the take of a job and the answer: the runner has it at once after the next start", async () => {
    await using place = await Installation.start(separate);
    await place.startRunner("ann");
    await place.server.kill();
    const doomed = await place.startServer("control.after-take");
    const steps = place.witness("steps");
    const sha = await place.push("taken", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  first:
    runs-on: host
    steps: [{ run: 'echo first >> ${steps.path}' }]
  second:
    needs: first
    runs-on: host
    steps: [{ run: 'echo second >> ${steps.path}' }]
`,
    });
    expect(await doomed.ended()).toBeNull();
    await place.startServer();
    const ended = await place.endOf(sha);
    expect([...ended.jobs, ...ended.earlier].map((job) => [job.job, job.status, job.attempt])).toEqual([
      ["first", "success", 1],
      ["second", "success", 1],
    ]);
    expect(steps.lines).toEqual(["first", "second"]);
  });

  it("between the end of a step and the closing of its log: the next start closes it, and its live stream ends", async () => {
    await using place = await Installation.start(separate);
    await place.startRunner("ben");
    const [go, last] = [place.witness("go"), place.witness("last")];
    const sha = await place.push("closing", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  talk:
    runs-on: host
    steps:
      - { name: talk, run: 'echo hello; until [ -e ${go.path} ]; do sleep 0.01; done' }
      - { name: last, run: 'until [ -e ${last.path} ]; do sleep 0.01; done' }
`,
    });
    const { job, step } = await until("the step", async () => {
      const found = await place.stepOf(sha, "talk", "talk");
      const page = await place.log(found.job.id, found.step.index);
      return found.step.status === "running" && page.lines.includes("hello") ? found : undefined;
    });
    await place.server.kill();
    const doomed = await place.startServer("control.after-report");
    go.write();
    expect(await doomed.ended()).toBeNull();
    await place.startServer();
    const ended = await place.stepOf(sha, "talk", "talk");
    expect(ended.step.status).toBe("success");
    // The job goes on meanwhile.
    await untilTrue("the end of the log", async () => (await place.log(job.id, step.index)).closed);
    const stream = await place.ask("GET", `/api/v1/jobs/${job.id}/steps/${step.index}/log/stream`);
    expect(await stream.text()).toContain("event: closed");
    last.write();
    expect((await place.endOf(sha)).status).toBe("success");
  });
});
