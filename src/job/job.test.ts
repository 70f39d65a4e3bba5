import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run, scratchFolder, script, text } from "./testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const { path: work } = scratch;

const keeping = (id: string, body: string) => ({
  id,
  env: {},
  action: { type: "run" as const, script: body, keepsOutput: true },
});

describe("runJob", () => {
  it("runs scripts in a workspace whose path has spaces, quotes, a line break and letters beyond ASCII, and removes it", async () => {
    const { logs, finished } = await run(work, {
      steps: [
        script("a", 'cd "$GITHUB_WORKSPACE" && pwd && echo hi > f && cat "$PWD/f"; [ "$PWD" = "$CI_WORKSPACE" ]'),
      ],
    });
    expect(finished.status).toBe("success");
    expect(logs[0]).toContain('sluice "job" \'ü\n');
    expect(logs[0]).toMatch(/\nhi\n$/);
    expect(readdirSync(work).filter((name) => name.startsWith("job-"))).toEqual([]);
  });

  it("keeps a script's output if the plan asks for it; an output that the script writes itself wins", async () => {
    const { logs, steps } = await run(work, {
      steps: [
        keeping("a", "echo one; echo two >&2; printf 'nul\\0\\n'"),
        keeping("b", "echo printed; echo raw_output=written >> $GITHUB_OUTPUT"),
        script("c", "echo out"),
        {
          ...script("show", 'printf "%s|" "$A" "$B" "$C"'),
          env: {
            A: text("${{ steps.a.outputs.raw_output }}"),
            B: text("${{ steps.b.outputs.raw_output }}"),
            C: text("${{ steps.c.outputs.raw_output }}"),
          },
        },
      ],
    });
    expect(steps).toEqual({ a: "success", b: "success", c: "success", show: "success" });
    expect(logs[3]).toBe("one\ntwo\nnul|written||");
  });

  it("gives steps a clean environment: only who and where the runner is", async () => {
    process.env["SLUICE_TOKEN"] = "leak-1";
    process.env["DATABASE_URL"] = "leak-2";
    const { logs } = await run(work, { steps: [script("a", "env")] });
    delete process.env["SLUICE_TOKEN"];
    delete process.env["DATABASE_URL"];
    expect(logs[0]).not.toMatch(/leak|SLUICE_|VITEST|npm_/);
    expect(logs[0]).toMatch(/^HOME=/m);
    expect(logs[0]).toMatch(/^GITHUB_SHA=cafe$/m);
    expect(logs[0]).toMatch(/^CI=true$/m);
  });

  it("gives each step its own script, also a shorter one, and also when the step before put something in its place", async () => {
    const victim = '"$GITHUB_WORKSPACE/victim"';
    const steps = [
      script("long", `echo a-rather-long-line-of-text; : ${"x".repeat(200)}`),
      script("short", "echo b"),
      script("link", `echo keep > ${victim}; ln -sf ${victim} "$0"`),
      script("afterLink", `cat ${victim}`),
      script("hardLink", `ln -f ${victim} "$0"`),
      script("afterHardLink", `cat ${victim}`),
      script("pipe", 'rm "$0"; mkfifo "$0"'),
      script("afterPipe", "echo c"),
      script("folder", 'rm "$0"; mkdir -p "$0/x"'),
      script("afterFolder", "echo d"),
    ];
    const { logs, finished } = await run(work, { steps });
    expect(finished.status).toBe("success");
    expect([1, 3, 5, 7, 9].map((index) => logs[index])).toEqual(["b\n", "keep\n", "keep\n", "c\n", "d\n"]);
  });

  it("removes folders that a step made read-only", async () => {
    await run(work, { steps: [script("a", "mkdir -p x/y && touch x/y/z && chmod -R a-w x && chmod 0 x/y")] });
    expect(readdirSync(work).filter((name) => name.startsWith("job-"))).toEqual([]);
  });

  it("skips steps after a failure unless their condition asks for it, and reports exit codes", async () => {
    const { steps, finished, reports } = await run(work, {
      steps: [
        script("bad", "exit 42"),
        script("next", "true"),
        script("onFailure", "true", { if: { $expr: "failure()" } }),
        script("plain", "true", { if: { $expr: "steps.bad.outcome == 'failure'" } }),
        script("always", "true", { if: { $expr: "always()" } }),
      ],
    });
    expect(steps).toEqual({
      bad: "failure",
      next: "skipped",
      onFailure: "success",
      plain: "skipped",
      always: "success",
    });
    expect(finished.status).toBe("failure");
    expect(reports.find((entry) => entry.type === "step.finished" && entry.step === 0)).toMatchObject({ exitCode: 42 });
  });

  it("shows an allowed failure by outcome and conclusion", async () => {
    const { steps, finished, logs } = await run(work, {
      steps: [
        script("flaky", "exit 1", { continueOnError: true }),
        script("see", "echo ${{ steps.flaky.outcome }} ${{ steps.flaky.conclusion }} ${{ job.status }}"),
      ],
    });
    expect(steps).toEqual({ flaky: "failure!", see: "success" });
    expect(logs[1]).toBe("failure success success\n");
    expect(finished.status).toBe("success");
  });

  it.each([
    { what: "cancelled", isDropped: false, always: "success" },
    { what: "somebody else's by now", isDropped: true, always: "cancelled" },
  ])("that is $what ends the running step; cleanup steps are $always", async ({ isDropped, always }) => {
    const [signal, dropped] = [new AbortController(), new AbortController()];
    const file = join(work, always);
    const { steps } = await run(work, {
      steps: [
        script("long", "echo up; sleep 600"),
        script("after", "true"),
        script("always", `echo ran > "$FILE"`, { if: { $expr: "always()" }, env: { FILE: file } }),
      ],
      ports: { signal: signal.signal, dropped: dropped.signal },
      onLog: () => {
        if (isDropped) dropped.abort();
        signal.abort();
      },
    });
    expect(steps).toEqual({ long: "cancelled", after: "skipped", always });
    expect(existsSync(file)).toBe(!isDropped);
  });

  it("says by which signal a step was killed", async () => {
    const { reports } = await run(work, { steps: [script("a", "kill -KILL $$")] });
    expect(reports.find((entry) => entry.type === "step.finished")).toMatchObject({
      status: "failure",
      exitCode: 137,
      reason: "killed by SIGKILL",
    });
  });

  it("lets the step's variables beat GITHUB_ENV, that the job's, and those the plan's", async () => {
    const { logs } = await run(work, {
      plan: {
        env: { A: "plan", B: "plan", C: "plan", D: "plan", LATER: text("${{ env.A }}-${{ github.workspace != '' }}") },
      },
      job: { env: { B: "job", C: "job", D: "job" } },
      steps: [
        script("set", "echo C=file >> $GITHUB_ENV; echo D=file >> $GITHUB_ENV"),
        script("see", "echo $A $B $C $D $LATER ${{ env.D }}", { env: { D: "step" } }),
        script("after", "echo $D"),
      ],
    });
    expect(logs[1]).toBe("plan job file step plan-true step\n");
    expect(logs[2]).toBe("file\n");
  });

  it("does not let variables of the author change those of the run", async () => {
    const { logs } = await run(work, {
      job: { env: { GITHUB_SHA: "forged", RUNNER_OS: "forged", CI: "kept" } },
      steps: [script("a", "echo $GITHUB_SHA $RUNNER_OS $CI")],
    });
    expect(logs[0]).toMatch(/^cafe (Linux|macOS) kept\n$/);
  });

  it("takes names of variables from expressions, and whole sets of them", async () => {
    const { logs, steps } = await run(work, {
      job: { env: { "${{ github.sha }}_X": "job" } },
      steps: [
        script("bad", "true", { env: { "${{ insert }}": "no object" } }),
        script("b", "true"),
        script("c", "echo $cafe_X $ONE $two3", {
          env: { "${{ insert }}": { $expr: "fromJSON('{\"ONE\": 1}')" }, "two${{ 3 }}": text("${{ env.ONE }}") },
          if: { $expr: "always()" },
        }),
      ],
    });
    expect(logs[0]).toContain("expected an object");
    expect(logs[1]).toBe("");
    expect(steps).toEqual({ bad: "failure", b: "skipped", c: "success" });
    expect(logs[2]).toBe("job 1 1\n");
  });

  it("writes the event to a file and knows the contexts", async () => {
    const { logs } = await run(work, {
      assignment: {
        contexts: {
          matrix: { os: "x" },
          needs: { a: { outputs: { v: "1" }, result: "success" } },
          strategy: { "job-index": 2 },
        },
        secrets: { S: "s3cret" },
      },
      plan: { contexts: { github: { sha: "cafe", event: { number: 5 } }, vars: { V: "v" }, inputs: { I: "i" } } },
      steps: [
        script(
          "a",
          "cat $GITHUB_EVENT_PATH; echo; echo ${{ matrix.os }} ${{ needs.a.outputs.v }} ${{ strategy.job-index }} ${{ vars.V }} ${{ inputs.I }} ${{ runner.name }} ${{ github.job }} ${{ github.event.number }} ${{ hashFiles('none') }}.",
        ),
      ],
    });
    expect(logs[0]).toBe('{"number":5}\nx 1 2 v i tester build 5 .\n');
  });

  it("passes outputs on, and drops one that contains a secret", async () => {
    const { finished, logs } = await run(work, {
      assignment: { secrets: { S: "topsecret" } },
      job: {
        outputs: {
          plain: text("${{ steps.a.outputs.x }}"),
          hidden: text("${{ steps.a.outputs.y }}"),
          encoded: text("${{ steps.a.outputs.z }}"),
        },
      },
      steps: [
        script(
          "a",
          "echo x=fine >> $GITHUB_OUTPUT; echo y=the-topsecret >> $GITHUB_OUTPUT; echo z=$(printf xtopsecret | base64) >> $GITHUB_OUTPUT",
        ),
      ],
    });
    expect(finished.outputs).toEqual({ plain: "fine" });
    expect(logs.at(-1)).toContain("hidden");
  });

  it.each([
    ["a secret", { assignment: { secrets: { ACTIONS_STEP_DEBUG: "true" } } }, "1 1 true\n"],
    ["a variable", { plan: { contexts: { github: {}, vars: { ACTIONS_STEP_DEBUG: "true" } } } }, "1 1 true\n"],
    [
      "a variable, which a secret beats",
      {
        assignment: { secrets: { ACTIONS_STEP_DEBUG: "false" } },
        plan: { contexts: { github: {}, vars: { ACTIONS_STEP_DEBUG: "true" } } },
      },
      "  true\n",
    ],
    ["nothing", {}, "  true\n"],
  ] as const)(
    "turns on debugging for steps when %s says so, and masks nothing for it",
    async (_what, setup, expected) => {
      const { logs } = await run(work, {
        ...setup,
        steps: [script("a", 'echo "$RUNNER_DEBUG ${{ runner.debug }} true"')],
      });
      expect(logs[0]).toBe(expected);
    },
  );

  it("masks secrets in the log, names, reasons, annotations and summaries", async () => {
    const outcome = await run(work, {
      assignment: { secrets: { S: "topsecret" } },
      steps: [
        script(
          "a",
          "printf tops; printf 'ecret\\n'; echo '::error title=topsecret::topsecret failed'; echo 'topsecret!' >> $GITHUB_STEP_SUMMARY",
          { name: "says topsecret" },
        ),
        script("b", "true", { shell: "topsecret" }),
        script("c", "echo ::add-mask::morehidden; echo morehidden"),
      ],
    });
    expect(JSON.stringify(outcome)).not.toMatch(/topsecret/);
    expect(outcome.logs[0]).toMatch(/^\*\*\*\n/);
    expect(outcome.annotations).toEqual([{ level: "error", title: "***", message: "*** failed" }]);
    expect(outcome.reports.find((entry) => entry.type === "summary")).toMatchObject({ markdown: "***!\n" });
  });

  it("masks values that are added while the job runs", async () => {
    const { logs } = await run(work, {
      steps: [script("a", "echo ::add-mask::morehidden; echo x morehidden y"), script("b", "echo morehidden | base64")],
    });
    expect(logs[0]).toBe("x *** y\n");
    expect(logs[1]).toMatch(/^\*\*\*/);
  });

  it("refuses a job with a container or service on the host before any step, and says why", async () => {
    for (const job of [
      { at: [3, 5] as const, container: { image: "alpine", env: {} } },
      { at: [3, 5] as const, services: [{ id: "db", image: "postgres", env: {} }] },
    ]) {
      const { finished, steps } = await run(work, { job, steps: [script("a", "echo ran > /tmp/never")] });
      expect(finished).toMatchObject({
        status: "failure",
        reason: expect.stringMatching(/at w.yml:3:5 needs .*(alpine|postgres)/),
      });
      expect(steps).toEqual({ a: "skipped" });
    }
  });

  it("fails the step, not the runner, when a text cannot be evaluated", async () => {
    const { steps, logs } = await run(work, {
      steps: [script("a", "${{ fromJSON('nonsense') }}"), script("b", "true", { if: { $expr: "always()" } })],
    });
    expect(steps).toEqual({ a: "failure", b: "success" });
    expect(logs[0]).toContain("##[error]");
  });

  it("creates its command files at a path that needs no quotes", async () => {
    const { logs, finished } = await run(work, {
      steps: [
        script("a", "echo A=1 >> $GITHUB_ENV; ls $RUNNER_TEMP > /dev/null; echo $RUNNER_TEMP"),
        script("b", "echo $A"),
      ],
    });
    expect(finished.status).toBe("success");
    expect(logs[1]).toBe("1\n");
    expect(existsSync(logs[0]?.trim() ?? "/")).toBe(false);
  });
});
