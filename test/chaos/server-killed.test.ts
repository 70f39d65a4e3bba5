import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { until, untilTrue } from "../support/until.ts";

const separate = { config: { runner: { embedded: false } } };

describe.concurrent("kill -9 of the server while a separate runner works", () => {
  it("the run finishes after the next start, no step runs twice, and every byte of the log is there", async () => {
    await using place = await Installation.start(separate);
    await place.startRunner("ann");
    const steps = place.witness("steps");
    const printed = place.witness("printed");
    const enough = place.witness("enough");
    const sha = await place.push("talk", {
      ".github/workflows/ci.yml": `
on: push
jobs:
  work:
    runs-on: host
    outputs: { last: "\${{ steps.talk.outputs.last }}" }
    steps:
      - run: echo first >> ${steps.quoted}
      - name: talk
        id: talk
        run: |
          echo talk >> ${steps.quoted}
          i=0
          until [ -e ${enough.quoted} ]; do
            i=$((i + 1)); echo "line $i"; echo "line $i" >> ${printed.quoted}
            [ $((i % 50)) != 0 ] || sleep 0.02
          done
          echo "last=$i" >> "$GITHUB_OUTPUT"
      - run: echo third >> ${steps.quoted}
  after:
    needs: work
    runs-on: host
    steps:
      - run: echo "after line \${{ needs.work.outputs.last }}" >> ${steps.quoted}
`,
    });
    for (let life = 1; life <= 3; life += 1) {
      // The more lives there were, the more was written while there was no server.
      const { job, step } = await place.stepOf(sha, "work", "talk");
      const before = await until("lines in the log", async () => {
        const page = await place.log(job.id, step.index, -100, 100);
        return page.total > life * 200 ? page : undefined;
      });
      await place.server.kill();
      const then = printed.lines.length;
      await printed.has(then + 300);
      await place.startServer();
      const after = await place.log(job.id, step.index, before.first, before.lines.length);
      expect(after.lines).toEqual(before.lines);
    }
    enough.write();
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(run.jobs.map((job) => [job.name, job.status, job.attempt])).toEqual([
      ["work", "success", 1],
      ["after", "success", 1],
    ]);
    expect(run.earlier).toEqual([]);
    expect(steps.lines).toEqual(["first", "talk", "third", `after line ${printed.lines.length}`]);
    const { job, step } = await place.stepOf(sha, "work", "talk");
    const log = (await place.rawLog(job.id, step.index)).toString();
    expect(log.slice(log.indexOf("line 1\n"))).toBe(`${printed.lines.join("\n")}\n`);
  });

  it("a step that prints more than a runner keeps waits for the server, and loses nothing", async () => {
    await using place = await Installation.start(separate);
    const runner = await place.startRunner("ben");
    const steps = place.witness("steps");
    const go = place.witness("go");
    const flood = "seq -f 'a numbered line of some length, and this is number %.0f' 1 400000";
    const sha = await place.push("flood", {
      ".woodpecker.yml": `
when: { event: push }
skip_clone: true
steps:
  - name: flood
    image: bash
    commands:
      - echo begin >> ${steps.quoted}; until [ -e ${go.quoted} ]; do sleep 0.01; done
      - ${flood}
      - echo end >> ${steps.quoted}
`,
    });
    await steps.shows("begin");
    await place.server.kill();
    go.write();
    await runner.says(/retrying/);
    expect(steps.lines).toEqual(["begin"]);
    await place.startServer();
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(steps.lines).toEqual(["begin", "end"]);
    const { job, step } = await place.stepOf(sha, run.jobs[0]?.name ?? "", "flood");
    const numbers = (await place.rawLog(job.id, step.index)).toString().match(/number \d+$/gm) ?? [];
    expect(numbers.length).toBe(400_000);
    expect(numbers.every((text, index) => text === `number ${index + 1}`)).toBe(true);
  });

  it("a server that is asked to stop leaves the job to its runner, which brings it to its end after the next start", async () => {
    await using place = await Installation.start(separate);
    const runner = await place.startRunner("cyd");
    const steps = place.witness("steps");
    const go = place.witness("go");
    const sha = await place.push("handover", {
      ".sluice/ci.yml": `
triggers: [push]
runs_on: [host]
steps:
  - { name: wait, type: run_command, command: "echo begin >> ${steps.path}; until [ -e ${go.path} ]; do sleep 0.01; done; echo end >> ${steps.path}" }
  - { name: last, type: run_command, command: "echo last >> ${steps.path}" }
`,
    });
    await steps.shows("begin");
    place.server.signal("SIGTERM");
    expect(await place.server.ended()).toBe(0);
    // The step waits for us, and the server did not wait for the step.
    expect(place.server.said).not.toContain("the end took too long");
    expect(runner.running).toBe(true);
    // The step ends while there is no server to tell.
    go.write();
    await steps.shows("last");
    await place.startServer();
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    expect(run.jobs.map((job) => [job.status, job.attempt])).toEqual([["success", 1]]);
    expect(steps.lines).toEqual(["begin", "end", "last"]);
    await untilTrue("the runner says that it has finished", () => /finished/.test(runner.said));
  });
});
