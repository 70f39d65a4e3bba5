import { describe, expect, it } from "vitest";
import { evaluateTemplate, evaluateText } from "../../expression/index.ts";
import type { Event } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";
import { actions } from "./index.ts";

const sha = "0123456789012345678901234567890123456789";
const push: Event = {
  kind: "push",
  repository: { name: "octo/hello", defaultBranch: "main", cloneUrl: "http://127.0.0.1/octo/hello.git" },
  ref: "refs/heads/main",
  sha,
  before: "0".repeat(40),
  commit: {
    message: "Fix it",
    author: { login: "ann", name: "Ann", email: "ann@example.org" },
    timestamp: "2026-01-01T00:00:00Z",
  },
  sender: { login: "ann", id: "7" },
  payload: { forced: false },
};

const pullRequest: Event = {
  ...push,
  kind: "pull_request",
  action: "opened",
  ref: "refs/pull/7/head",
  pullRequest: {
    number: 7,
    title: "Change",
    head: { ref: "topic", sha, repository: "fork/hello" },
    base: { ref: "main", sha },
    fork: true,
  },
  payload: {},
};

function compile(text: string, event: Event = push, more: Partial<CompileContext> = {}) {
  return actions.compile(
    { path: ".github/workflows/ci.yml", text },
    {
      event,
      run: { id: "r1", number: 3, attempt: 2 },
      vars: { COLOR: "blue" },
      serverUrl: "https://forge.example/",
      ...more,
    },
  );
}

/** The plan of a workflow that must compile without findings. */
function planOf(text: string, event?: Event) {
  const { plan, diagnostics } = compile(text, event);
  expect(diagnostics).toEqual([]);
  if (plan === undefined) throw new Error("no plan");
  return plan;
}

function job(body: string) {
  return planOf(`on: push\njobs:\n  a:\n${body.replaceAll(/^/gm, "    ")}`).jobs[0];
}

function manual(inputs: Record<string, string>): Event {
  return { ...push, kind: "manual", inputs, payload: {} };
}

describe("compile", () => {
  it("makes a plan of a plain workflow", () => {
    const plan = planOf(
      "name: CI\non: push\nenv: {A: 1, B: '${{ github.sha }}'}\npermissions: {contents: read}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n",
    );
    expect({ ...plan, contexts: {}, systemEnv: {} }).toEqual({
      version: 1,
      dialect: "actions",
      workflow: ".github/workflows/ci.yml",
      name: "CI",
      runName: "Fix it",
      source: { path: ".github/workflows/ci.yml", sha },
      needs: [],
      env: { A: "1", B: { $expr: "github.sha", at: [3, 17] } },
      systemEnv: {},
      contexts: {},
      permissions: { contents: "read" },
      jobs: [
        {
          id: "build",
          at: [6, 3],
          needs: [],
          runsOn: "ubuntu-latest",
          services: [],
          env: {},
          steps: [{ id: "__run", at: [9, 9], env: {}, action: { type: "run", script: "make" } }],
          outputs: {},
        },
      ],
    });
  });

  it("names the run, and keeps the permissions of workflow and jobs", () => {
    const plan = planOf(
      "run-name: Deploy ${{ vars.COLOR }} by @${{ github.actor }}\non: push\npermissions: read-all\njobs: {a: {runs-on: x, permissions: {id-token: write, contents: read}, steps: [{run: a}]}, b: {runs-on: x, permissions: {}, steps: [{run: a}]}}\n",
    );
    expect(plan).toMatchObject({ runName: "Deploy blue by @ann", permissions: "read-all" });
    expect(plan.jobs.map((each) => each.permissions)).toEqual([{ "id-token": "write", contents: "read" }, {}]);
    expect(
      planOf("run-name: ${{ github.event.nothing }}\non: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n").runName,
    ).toBe("Fix it");
  });

  it("reports a run-name that cannot be evaluated, at its place", () => {
    const { plan, diagnostics } = compile(
      "on: push\nrun-name: ${{ fromJSON('[') }}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
    );
    expect(plan).toBeUndefined();
    expect(diagnostics).toMatchObject([
      { line: 2, column: 1, code: "workflow-expression", message: expect.stringMatching(/^`run-name`: .*not JSON/) },
    ]);
  });

  it("makes ids for actions by owner and repository, as on GitHub", () => {
    const made = job(
      "runs-on: x\nsteps: [{uses: actions/cache/restore@v4}, {uses: actions/cache/save@v4}, {uses: ./a/b}, {uses: $/a/b}, {uses: 'docker://alpine:3'}, {uses: 'https://code.example/owner/name/sub@v1'}, {run: a}]\n",
    )?.steps;
    expect(made?.map((step) => step.id)).toEqual([
      "__actions_cache",
      "__actions_cache_2",
      "__self",
      "__selfRepository",
      "__alpine_3",
      "__owner_name",
      "__run",
    ]);
  });

  it("turns parallel steps into a flat list in which some wait for others", () => {
    const made = job(
      "runs-on: x\nsteps:\n  - {run: a, id: s, background: true}\n  - {run: b, background: false}\n  - {wait: s, name: Stay}\n  - {wait: [s], continue-on-error: true}\n  - cancel: s\n  - wait-all:\n  - parallel: [{run: c, if: failure()}, {uses: ./d, id: d}]\n",
    )?.steps;
    expect(
      made?.map(({ id, name, background, continueOnError, action, if: condition }) => [
        id,
        name,
        background,
        continueOnError,
        condition?.$expr,
        "steps" in action ? `${action.type} ${action.steps.toString()}` : action.type,
      ]),
    ).toEqual([
      ["s", undefined, true, undefined, undefined, "run"],
      ["__run", undefined, undefined, undefined, undefined, "run"],
      ["__wait", "Stay", undefined, undefined, "always()", "wait s"],
      ["__wait_2", undefined, undefined, true, "always()", "wait s"],
      ["__cancel", undefined, undefined, undefined, "always()", "cancel s"],
      ["__wait-all", undefined, undefined, undefined, "always()", "wait all"],
      ["__run_2", undefined, true, undefined, "failure()", "run"],
      ["d", undefined, true, undefined, undefined, "uses"],
      ["__parallel", "Wait for the parallel steps", undefined, undefined, "always()", "wait __run_2,d"],
    ]);
    expect(
      planOf("description: What it is for\non: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n").jobs,
    ).toHaveLength(1);
  });

  it("takes ids of jobs in any case, each once", () => {
    const { jobs } = planOf(
      "on: push\njobs: {Build: {runs-on: x, steps: [{run: a}]}, b: {runs-on: x, needs: [BUILD, build], steps: [{run: a}]}}\n",
    );
    expect(jobs[1]?.needs).toEqual([{ job: "Build", required: true }]);
  });

  it.each([
    [".github/workflows/a.yml", { B: "own" }],
    [".gitea/workflows/a.yml", { GITEA_ACTIONS: "true", B: "own" }],
    [".forgejo/workflows/a.yml", { GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true", B: "own" }],
  ])("tells %s by its variables which runner it was written for", (path, expected) => {
    const { plan } = actions.compile(
      { path, text: "on: push\nenv: {B: own}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n" },
      { event: push, run: { id: "r1", number: 3, attempt: 2 }, vars: {}, serverUrl: "" },
    );
    expect(plan?.env).toEqual(expected);
  });

  it("puts the caller's variables below the author's", () => {
    const { plan } = compile("on: push\nenv: {B: own}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n", push, {
      env: { A: "theirs", B: "theirs" },
    });
    expect(plan?.env).toEqual({ A: "theirs", B: "own" });
  });

  it("fills the github context and the variables of every step", () => {
    const { contexts, systemEnv, name } = planOf("on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n");
    expect(name).toBe(".github/workflows/ci.yml");
    expect(contexts).toMatchObject({
      vars: { COLOR: "blue" },
      inputs: {},
      job: {
        workflow_ref: "octo/hello/.github/workflows/ci.yml@refs/heads/main",
        workflow_sha: sha,
        workflow_repository: "octo/hello",
        workflow_file_path: ".github/workflows/ci.yml",
      },
      github: {
        event_name: "push",
        ref: "refs/heads/main",
        ref_name: "main",
        ref_type: "branch",
        sha,
        head_ref: "",
        base_ref: "",
        actor: "ann",
        repository: "octo/hello",
        repository_owner: "octo",
        run_id: "r1",
        run_number: "3",
        run_attempt: "2",
        workflow_ref: "octo/hello/.github/workflows/ci.yml@refs/heads/main",
        server_url: "https://forge.example",
        api_url: "https://forge.example/api/v1",
        event: {
          ref: "refs/heads/main",
          after: sha,
          forced: false,
          repository: { full_name: "octo/hello", default_branch: "main" },
          head_commit: { message: "Fix it" },
        },
      },
    });
    expect(contexts["github"]).not.toHaveProperty("token");
    expect(systemEnv).toMatchObject({
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_SHA: sha,
      GITHUB_REF: "refs/heads/main",
      GITHUB_REF_NAME: "main",
      GITHUB_RUN_NUMBER: "3",
      GITHUB_EVENT_NAME: "push",
      GITHUB_REPOSITORY_OWNER: "octo",
    });
  });

  it("tells the refs of a pull request and of a tag", () => {
    const { github } = planOf("on: pull_request\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n", pullRequest).contexts;
    expect(github).toMatchObject({
      event_name: "pull_request",
      head_ref: "topic",
      base_ref: "main",
      event: { action: "opened", number: 7, pull_request: { number: 7, head: { ref: "topic" } } },
    });
    const tag = planOf("on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n", { ...push, ref: "refs/tags/v1" });
    expect(tag.contexts["github"]).toMatchObject({ ref_name: "v1", ref_type: "tag" });
  });

  it("prefers the forge's payload to the event's own fields", () => {
    const { github } = planOf("on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n", {
      ...push,
      payload: { head_commit: { message: "Theirs" } },
    }).contexts;
    expect(github).toMatchObject({ event: { head_commit: { message: "Theirs" }, after: sha } });
  });

  it("folds the defaults of workflow and job into the run steps", () => {
    const text =
      "on: push\ndefaults: {run: {shell: bash, working-directory: a}}\njobs:\n  j:\n    runs-on: x\n    defaults: {run: {working-directory: \"${{ matrix.dir }}\"}}\n    steps:\n      - run: one\n      - {run: two, shell: 'cp {0} action.yml', working-directory: b}\n";
    expect(planOf(text).jobs[0]?.steps.map((step) => step.action)).toEqual([
      { type: "run", script: "one", shell: "bash", workingDirectory: { $expr: "matrix.dir", at: [6, 42] } },
      { type: "run", script: "two", shell: "cp {0} action.yml", workingDirectory: "b" },
    ]);
  });

  it("adds success() to a condition without a status function", () => {
    const steps = job(
      "runs-on: x\nif: github.ref == 'a' || true\nneeds: []\nsteps:\n  - {run: a, if: failure()}\n  - {run: b, if: \"${{ env.X }}\"}\n  - {run: c, if: false}\n  - {run: d, if: ''}\n",
    );
    expect(steps?.if).toEqual({ $expr: "success() && (github.ref == 'a' || true)", at: [5, 9] });
    expect(steps?.steps.map((step) => step.if?.$expr)).toEqual([
      "failure()",
      "success() && (env.X)",
      "success() && (false)",
      undefined,
    ]);
  });

  it("takes a condition over several lines, folded and literal", () => {
    const steps = job(
      "runs-on: x\nsteps:\n  - run: a\n    if: github.ref == 'a\n      b' &&\n      always()\n  - run: b\n    if: |\n      failure() ||\n      github.ref\n  - run: c\n    if: >-\n      ${{\n      cancelled() }}\n",
    )?.steps;
    expect(steps?.map((step) => step.if?.$expr)).toEqual([
      "github.ref == 'a b' && always()",
      "failure() ||\ngithub.ref",
      "cancelled()",
    ]);
    expect(steps?.map((step) => step.if?.at)).toEqual([
      [7, 13],
      [12, 11],
      [16, 11],
    ]);
  });

  it("keeps everything a job and its steps can contain", () => {
    const text =
      "name: Job ${{ matrix.os }}\nruns-on: [self-hosted, '${{ matrix.os }}']\ntimeout-minutes: 5\ncontinue-on-error: ${{ matrix.os == 'mac' }}\nenvironment: {name: prod, url: 'https://x'}\nconcurrency: {group: 'g-${{ github.ref }}', cancel-in-progress: true}\noutputs: {v: '${{ steps.a.outputs.v }}'}\ncontainer: {image: 'node:24', env: {X: y}, ports: [80], volumes: ['a:/a'], options: --cpus 1}\nservices: {db: {image: 'postgres:16'}}\nsteps:\n  - {id: a, name: First, uses: actions/checkout@v4, with: {depth: 0, flag: true}, timeout-minutes: '${{ 3 }}', continue-on-error: true, env: {E: 1.5}}\n  - uses: ./local\n  - uses: docker://alpine:3\n  - uses: https://code.example/owner/action/sub@v1\n";
    expect(job(text)).toMatchObject({
      name: { $expr: "format('Job {0}', matrix.os)" },
      runsOn: ["self-hosted", { $expr: "matrix.os" }],
      timeoutMinutes: 5,
      continueOnError: { $expr: "matrix.os == 'mac'" },
      environment: { name: "prod", url: "https://x" },
      concurrency: { group: { $expr: "format('g-{0}', github.ref)" }, cancelInProgress: true, limit: 1 },
      outputs: { v: { $expr: "steps.a.outputs.v" } },
      container: { image: "node:24", env: { X: "y" }, ports: [80], volumes: ["a:/a"], options: "--cpus 1" },
      services: [{ id: "db", image: "postgres:16", env: {} }],
      steps: [
        {
          id: "a",
          name: "First",
          timeoutMinutes: { $expr: "3" },
          continueOnError: true,
          env: { E: "1.5" },
          action: { type: "uses", reference: "actions/checkout@v4", with: { depth: "0", flag: "true" } },
        },
        { id: "__self", action: { reference: "./local" } },
        { id: "__alpine_3" },
        { action: { reference: "https://code.example/owner/action/sub@v1" } },
      ],
    });
  });

  it("gives every step its own id", () => {
    expect(
      job("runs-on: x\nsteps: [{run: a}, {run: b}, {uses: a/b@c}, {uses: a/b@d}, {run: c, id: x}]\n")?.steps.map(
        (step) => step.id,
      ),
    ).toEqual(["__run", "__run_2", "__a_b", "__a_b_2", "x"]);
  });

  it("takes matrices with expressions anywhere", () => {
    const strategy = job(
      "runs-on: x\nstrategy:\n  fail-fast: false\n  max-parallel: 2\n  matrix:\n    os: [a, '${{ vars.OS }}']\n    list: ${{ fromJSON(vars.LIST) }}\n    include: [{os: c, deep: {x: [\"${{ 1 }}\"]}}]\nsteps: [{run: a}]\n",
    )?.strategy;
    expect(strategy).toMatchObject({
      failFast: false,
      maxParallel: 2,
      matrix: {
        os: ["a", { $expr: "vars.OS" }],
        list: { $expr: "fromJSON(vars.LIST)" },
        include: [{ os: "c", deep: { x: [{ $expr: "1" }] } }],
      },
    });
    const whole = job(
      "runs-on: x\nstrategy:\n  matrix: |\n    ${{ fromJSON(needs.a.outputs.m) }}\nsteps: [{run: a}]\n",
    )?.strategy;
    expect(whole).toMatchObject({ failFast: true, matrix: { $expr: "fromJSON(needs.a.outputs.m)" } });
    const keys = job(
      "runs-on: x\nstrategy:\n  matrix:\n    '${{ vars.KEY }}': [a]\n    ${{ insert }}: ${{ fromJSON(vars.MORE) }}\nsteps: [{run: a}]\n",
    )?.strategy;
    expect(keys).toMatchObject({
      matrix: { "${{ vars.KEY }}": ["a"], "${{ insert }}": { $expr: "fromJSON(vars.MORE)" } },
    });
  });

  it("takes a strategy that is one expression", () => {
    const strategy = job("runs-on: x\nstrategy: ${{ fromJSON(vars.S) }}\nsteps: [{run: a}]\n")?.strategy;
    const contexts = { vars: { S: '{"matrix":{"a":[1]},"fail-fast":false}' } };
    expect(evaluateTemplate({ ...strategy }, contexts)).toEqual({
      matrix: { a: [1] },
      failFast: false,
      maxParallel: 256,
    });
  });

  it("takes a container whose whole mapping is an expression", () => {
    const image = job("runs-on: x\ncontainer: ${{ matrix.c }}\nsteps: [{run: a}]\n")?.container?.image ?? "";
    expect([
      evaluateText(image, { matrix: { c: "alpine" } }),
      evaluateText(image, { matrix: { c: { image: "debian" } } }),
      evaluateText(image, {}),
    ]).toEqual(["alpine", "debian", ""]);
  });

  it("keeps a script's text exactly, around its expressions", () => {
    const script = "it's {x} \"y\"\n  $HOME ${{ github.ref }} ''\n";
    const text = `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n${script.replaceAll(/^(?=.)/gm, "          ")}`;
    const [action] = planOf(text).jobs[0]?.steps.map((step) => step.action) ?? [];
    expect(action?.type === "run" && evaluateText(action.script, { github: { ref: "R" } })).toBe(
      script.replace("${{ github.ref }}", "R"),
    );
    expect(action).toMatchObject({ script: { at: [8, 19] } });
  });

  it("takes anchors and merge keys", () => {
    const text =
      "on: push\njobs:\n  a: &a\n    runs-on: x\n    env: &e {A: 1}\n    steps: &s [{run: make}]\n  b:\n    <<: *a\n    env: {<<: *e, B: 2}\n";
    expect(planOf(text).jobs.map(({ id, env, steps }) => ({ id, env, steps: steps.length }))).toEqual([
      { id: "a", env: { A: "1" }, steps: 1 },
      { id: "b", env: { B: "2", A: "1" }, steps: 1 },
    ]);
  });

  it("takes gitea and forgejo for github, and Forgejo's own keys with a warning", () => {
    const { plan, diagnostics } = compile(
      "on: push\nenable-email-notifications: true\njobs: {a: {runs-on: x, if: forgejo.ref, steps: [{run: 'echo ${{ gitea.ref }}'}]}}\n",
    );
    expect(diagnostics.map((each) => `${each.severity} ${each.code}`)).toEqual(["warning workflow-unsupported"]);
    expect(plan).toBeDefined();
  });

  it("compiles a thousand steps", () => {
    expect(job(`runs-on: x\nsteps:\n${"  - run: make\n".repeat(2000)}`)?.steps).toHaveLength(2000);
  });

  it("produces only plain JSON", () => {
    const plan = planOf("on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n");
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

function retrying(times: string): string {
  return `on: push\njobs: {a: {runs-on: x, env: {SLUICE_RETRY_LOST: ${times}}, steps: [{run: 'true'}]}}\n`;
}

describe("a job's request to be restarted when its runner dies", () => {
  it("is a variable of the job, as a number or as text", () => {
    expect(compile(retrying("2")).plan?.jobs[0]?.retryLost).toBe(2);
    expect(compile(retrying("'1'")).plan?.jobs[0]?.retryLost).toBe(1);
  });

  it.each(["often", "-1", "1.5", "11", "[1]"])("is refused as %s", (times) => {
    expect(compile(retrying(times)).diagnostics).toMatchObject([{ code: "workflow-schema", line: 2 }]);
  });
});

describe("inputs of a workflow started by hand", () => {
  const text =
    "on:\n  workflow_dispatch:\n    inputs:\n      name: {required: true}\n      flag: {type: boolean}\n      on_flag: {type: boolean, default: true}\n      count: {type: number, default: '3'}\n      kind: {type: choice, options: [a, b]}\n      text: {default: hello}\n      place: {type: environment}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n";

  it("get their types and defaults", () => {
    const { contexts } = planOf(text, manual({ name: "n", Flag: "true" }));
    expect(contexts["inputs"]).toEqual({
      name: "n",
      flag: true,
      on_flag: true,
      count: 3,
      kind: "a",
      text: "hello",
      place: "",
    });
    expect(contexts["github"]).toMatchObject({
      event_name: "workflow_dispatch",
      event: { inputs: { name: "n", flag: "true", count: "3" } },
    });
  });

  it.each<[Record<string, string>, string]>([
    [{}, "4:7 The input `name` is required."],
    [{ name: "" }, "4:7 The input `name` is required."],
    [{ name: "n", flag: "maybe" }, "5:7 The input `flag` must be `true` or `false`, not `maybe`."],
    [{ name: "n", count: "many" }, "7:7 The input `count` must be a number, not `many`."],
    [{ name: "n", kind: "c" }, "8:7 The input `kind` must be one of a, b, not `c`."],
  ])("are refused with a reason: %j", (inputs, expected) => {
    const { plan, diagnostics } = compile(text, manual(inputs));
    expect(plan).toBeUndefined();
    expect(diagnostics.map((each) => `${each.line}:${each.column} ${each.message}`)).toEqual([expected]);
  });

  it("that the workflow does not declare are ignored with a warning", () => {
    const { plan, diagnostics } = compile(text, manual({ name: "n", other: "x" }));
    expect(plan?.contexts["inputs"]).not.toHaveProperty("other");
    expect(diagnostics.map((each) => each.severity)).toEqual(["warning"]);
  });
});

describe("schedules", () => {
  it("are read with their time zones, and the one that fired starts the workflow", () => {
    const text =
      "on: {schedule: [{cron: '0 5 * * *'}, {cron: '*/15 * * * *', timezone: Europe/Berlin}]}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n";
    expect(actions.schedules({ path: "w.yml", text })).toEqual([
      { cron: "0 5 * * *", timeZone: "UTC", name: "w.yml", line: 1, column: 24 },
      { cron: "*/15 * * * *", timeZone: "Europe/Berlin", name: "w.yml", line: 1, column: 45 },
    ]);
    expect(compile(text, { ...push, kind: "schedule", schedule: "0 5 * * *" }).plan).toBeDefined();
    expect(compile(text, { ...push, kind: "schedule", schedule: "1 1 * * *" }).skipped).toContain(
      "1 1 * * * UTC is due",
    );
    expect(compile(text, { ...push, kind: "schedule", schedule: "*/15 * * * *" }).skipped).toContain(
      "*/15 * * * * Europe/Berlin",
    );
    expect(
      compile(text, { ...push, kind: "schedule", schedule: "*/15 * * * *", timeZone: "Europe/Berlin" }).plan?.contexts[
        "github"
      ],
    ).toMatchObject({ event_name: "schedule", event: { schedule: "*/15 * * * *" } });
    expect(actions.schedules({ path: "w.yml", text: "{" })).toEqual([]);
  });
});
