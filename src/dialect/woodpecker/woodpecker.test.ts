import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, JobPlan } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";
import { woodpecker } from "./index.ts";

const push: Event = {
  kind: "push",
  repository: {
    name: "owner/repo",
    defaultBranch: "main",
    cloneUrl: "http://forge/owner/repo.git",
    url: "http://forge/owner/repo",
  },
  ref: "refs/heads/main",
  sha: "0123456789012345678901234567890123456789",
  before: "9".repeat(40),
  changedFiles: ["src/a.c", "README.md"],
  commit: {
    message: "fix: all",
    author: { login: "ann", email: "ann@example.org" },
    timestamp: "2026-01-02T03:04:05Z",
  },
  sender: { login: "bob" },
  payload: {},
};

const pull: Event = {
  ...push,
  kind: "pull_request",
  action: "synchronize",
  ref: "refs/pull/7/head",
  pullRequest: {
    number: 7,
    title: "T",
    labels: ["deploy", "x"],
    head: { ref: "feature/y", sha: push.sha, repository: "o/r" },
    base: { ref: "main", sha: push.before ?? "" },
    fork: false,
  },
};

const contextFor = (event: Event, more: Partial<CompileContext> = {}): CompileContext => ({
  event,
  run: { id: "r", number: 12, attempt: 1 },
  vars: {},
  serverUrl: "http://sluice.example:8420",
  ...more,
});

const compile = (text: string, event: Event = push, path = ".woodpecker/ci.yml") =>
  woodpecker.compile({ path, text }, contextFor(event));
const places = (list: readonly { line: number; column: number; severity: string; code: string }[]) =>
  list.map((each) => `${each.line}:${each.column} ${each.severity} ${each.code}`);
/** All but the advice to name events, which would stand beside everything here. */
const lint = (text: string) =>
  woodpecker.lint({ path: ".woodpecker.yml", text }).filter(({ code }) => code !== "workflow-events");

function jobsOf(text: string, event: Event = push): readonly JobPlan[] {
  const { plan, diagnostics } = compile(text, event);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return plan?.jobs ?? [];
}

/** The names of the author's steps that an event leaves, in a file without a clone. */
function stepsLeft(when: string, event: Event): readonly string[] {
  return jobsOf(
    `skip_clone: true\nsteps:\n  - { name: always, image: sh, commands: x }\n  - { name: it, image: sh, commands: x, when: ${when} }\n`,
    event,
  ).flatMap(({ steps }) => steps.map(({ id }) => id).filter((id) => id !== "always"));
}

/** A graph with two steps of one name. */
function both(first: string, second: string): string {
  return `steps:\n  - { name: a, image: sh, commands: x${first} }\n  - { name: a, image: sh, commands: y${second} }\n  - { name: b, image: sh, commands: x, depends_on: a }\n`;
}

describe("woodpecker", () => {
  it("owns its files and no others", () => {
    const paths = [
      ".woodpecker.yml",
      ".woodpecker.yaml",
      ".woodpecker/a.yml",
      ".woodpecker/.a.yaml",
      ".woodpecker/sub/a.yml",
      "woodpecker.yml",
      ".woodpecker/a.txt",
    ];
    expect(paths.map((path) => woodpecker.owns(path))).toEqual([true, true, true, true, false, false, false]);
  });

  it.each([
    [".woodpecker.yml", "woodpecker"],
    [".woodpecker/build.yaml", "build"],
    [".woodpecker/.lint.yml", "lint"],
    ["some/where/02_x.yaml", "02_x"],
  ])("calls %s %s", (path, name) => {
    expect(compile("steps: [{ image: sh, commands: x }]", push, path).plan).toMatchObject({ workflow: name, name });
  });

  it("clones first, then runs the steps in a row", () => {
    const soFar = { $expr: "job.status == 'success' && 'success' || 'failure'" };
    const [job] = jobsOf(
      "steps:\n  build:\n    image: golang\n    commands: [go build, go test]\n  - x: y\n".replace(
        "  - x: y\n",
        "  plugin: { image: p, settings: { a: 1, list: [1, 2] } }\n",
      ),
    );
    expect(job).toMatchObject({ id: "ci", needs: [], services: [], runsOn: [] });
    expect(job?.steps).toEqual([
      {
        id: "clone",
        name: "clone",
        env: { CI_STEP_NAME: "clone", CI_STEP_NUMBER: "1", CI_STEP_TYPE: "clone" },
        action: { type: "typed", kind: "checkout", config: { fetch_depth: 0 } },
      },
      {
        id: "build",
        name: "build",
        at: [2, 3],
        env: { CI_STEP_NAME: "build", CI_STEP_NUMBER: "2", CI_STEP_TYPE: "commands", CI_PIPELINE_STATUS: soFar },
        action: { type: "container", image: "golang", commands: ["go build", "go test"] },
      },
      {
        id: "plugin",
        name: "plugin",
        at: [5, 3],
        env: { CI_STEP_NAME: "plugin", CI_STEP_NUMBER: "3", CI_STEP_TYPE: "plugin", CI_PIPELINE_STATUS: soFar },
        action: { type: "container", image: "p", settings: { a: 1, list: [1, 2] } },
      },
    ]);
  });

  it("builds a graph as soon as one step has dependencies", () => {
    const [job] = jobsOf(
      "steps:\n  - { name: a, image: sh, commands: x }\n  - { name: b, image: sh, commands: x, depends_on: a }\n  - { name: c, image: sh, commands: x, depends_on: [a, { name: gone, optional: true }] }\n  - { name: d, image: sh, commands: x, depends_on: [] }\n",
    );
    expect(job?.steps.map(({ id, needs }) => [id, needs])).toEqual([
      ["clone", []],
      ["a", ["clone"]],
      ["b", ["a", "d"]],
      ["c", ["a", "d"]],
      ["d", ["clone"]],
    ]);
  });

  it("runs a graph in stages: what comes after a failure never depends on which step was faster", () => {
    const [job] = jobsOf(
      "skip_clone: true\nsteps:\n  - { name: last, image: sh, commands: x, depends_on: [fast] }\n  - { name: fast, image: sh, commands: x }\n  - { name: slow, image: sh, commands: x }\n  - { name: end, image: sh, commands: x, depends_on: [last, slow] }\n",
    );
    expect(job?.steps.map(({ id, needs }) => [id, needs])).toEqual([
      ["last", ["fast", "slow"]],
      ["fast", []],
      ["slow", []],
      ["end", ["last"]],
    ]);
  });

  it("refuses a graph with unrealistically wide stages", () => {
    const names = Array.from({ length: 1100 }, (_, index) => index);
    const text = `steps:\n${names.map((index) => `  - { name: s${index}, image: sh, commands: x, depends_on: [${index < 550 ? "" : "s0"}] }\n`).join("")}`;
    expect(places(compile(text).diagnostics)).toEqual(["2:13 error yaml-too-large"]);
  });

  it("treats steps with the same name as alternatives until the event is known", () => {
    expect(
      lint(both(", when: { event: push }", ", when: { event: tag }")).filter(({ severity }) => severity === "error"),
    ).toEqual([]);
    expect(jobsOf(both(", when: { event: push }", ", when: { event: tag }"))[0]?.steps.map(({ id }) => id)).toEqual([
      "clone",
      "a",
      "b",
    ]);
    expect(places(compile(both(", when: { event: push }", "")).diagnostics)).toEqual(["3:13 error workflow-schema"]);
    expect(places(lint(both("", ""))).filter((each) => each.includes("error"))).toEqual(["3:13 error workflow-schema"]);
  });

  it("translates status, failure and detach", () => {
    const [job] = jobsOf(
      "skip_clone: true\nsteps:\n  - { name: a, image: sh, commands: x, failure: ignore }\n  - { name: b, image: sh, commands: x, when: [{ status: failure }] }\n  - { name: c, image: sh, commands: x, when: { status: [success, failure] } }\n  - { name: d, image: redis, detach: true, privileged: true }\n",
    );
    expect(job?.steps[0]).toMatchObject({ continueOnError: true });
    expect(job?.steps.map((step) => step.if?.$expr)).toEqual([
      undefined,
      "failure()",
      "success() || failure()",
      undefined,
    ]);
    expect(job?.steps[3]?.action).toMatchObject({ detach: true, privileged: true });
  });

  it("removes backslashes before parsing, so that a slash in a pattern needs two", () => {
    const cases = [
      [String.raw`'*\\/*'`, "a/b"],
      [String.raw`'*\\/*'`, "a/b/c"],
      [String.raw`'*\\/**'`, "a/b/c"],
      [String.raw`'*\\/**'`, "a"],
      ["'*'", "a/b"],
      ["'**'", "a/b"],
    ] as const;
    expect(
      cases.map(
        ([pattern, branch]) => stepsLeft(`{ branch: ${pattern} }`, { ...push, ref: `refs/heads/${branch}` }).length,
      ),
    ).toEqual([1, 0, 1, 0, 0, 1]);
  });

  it("ignores a filter without a value", () => {
    for (const key of ["ref", "branch", "event", "path", "status", "platform"])
      expect(stepsLeft(`{ ${key}: }`, push), key).toEqual(["it"]);
  });

  it("takes status only from conditions that hold", () => {
    const when = "[{ event: tag, status: [failure] }, { event: push, status: [success, failure] }]";
    const [job] = jobsOf(`skip_clone: true\nsteps: [{ name: a, image: sh, commands: x, when: ${when} }]`);
    expect(job?.steps[0]?.if?.$expr).toBe("success() || failure()");
  });

  it("passes secrets as expressions and formats values like Woodpecker", () => {
    const [job] = jobsOf(`skip_clone: true
steps:
  - name: a
    image: sh
    commands: x
    environment:
      TOKEN: { from_secret: my_token }
      ODD: { from_secret: "my.token" }
      N: 1.50
      BIG: 12345678901234567890
      YES: true
      NONE:
      LIST: [a, 2, true]
      MIXED: { b: [1, { from_secret: s }], a: "it's {x}" }
  - name: b
    image: plugin
    settings: { password: { from_secret: pw }, deep: [{ from_secret: x }] }
`);
    expect(job?.steps[0]?.env).toMatchObject({
      TOKEN: { $expr: "secrets.my_token" },
      ODD: { $expr: "secrets['my.token']" },
      N: "1.5",
      BIG: "12345678901234567890",
      YES: "true",
      LIST: "a,2,true",
      MIXED: { $expr: `format('{{"a":"it''s {{x}}","b":[1,{0}]}}', toJSON(secrets.s))` },
    });
    expect(job?.steps[0]?.env).not.toHaveProperty("NONE");
    expect(job?.steps[1]?.action).toMatchObject({
      settings: { password: { $expr: "secrets.pw" }, deep: [{ $expr: "secrets.x" }] },
    });
  });

  it("creates a job for every combination of the matrix", () => {
    const text =
      'matrix:\n  VERSION: [1.10, 1.9]\n  DB: [mysql:8]\nlabels: { platform: linux/arm64, empty: \'\', db: "${DB}", sluice.retry-lost: 2 }\nsteps:\n  - { name: t, image: "golang:${VERSION}", commands: echo }\n  - { name: only, image: sh, commands: x, when: { matrix: { VERSION: 1.9 } } }\n  - { name: plugin, image: p, settings: { v: x } }\n';
    const jobs = jobsOf(text);
    expect(
      jobs.map(({ id, runsOn, retryLost, steps }) => ({ id, runsOn, retryLost, steps: steps.map((step) => step.id) })),
    ).toEqual([
      {
        id: "ci (mysql:8, 1.10)",
        runsOn: ["platform=linux/arm64", "db=mysql:8"],
        retryLost: 2,
        steps: ["clone", "t", "plugin"],
      },
      {
        id: "ci (mysql:8, 1.9)",
        runsOn: ["platform=linux/arm64", "db=mysql:8"],
        retryLost: 2,
        steps: ["clone", "t", "only", "plugin"],
      },
    ]);
    expect(jobs[0]?.steps[1]).toMatchObject({
      env: { VERSION: "1.10", DB: "mysql:8" },
      action: { image: "golang:1.10" },
    });
    expect(jobs[0]?.steps[2]?.env).not.toHaveProperty("VERSION");
  });

  it("takes the listed combinations of a matrix, and refuses too many", () => {
    expect(
      jobsOf("matrix: { include: [{ A: 1, B: x }, { A: 2 }] }\nsteps: [{ image: sh, commands: x }]").map(
        ({ id }) => id,
      ),
    ).toEqual(["ci (1, x)", "ci (2)"]);
    const many = Array.from({ length: 257 }, (_, index) => index).join(", ");
    expect(places(compile(`matrix: { A: [${many}] }\nsteps: [{ image: sh, commands: x }]`).diagnostics)).toEqual([
      "1:1 error workflow-matrix",
    ]);
    expect(places(lint(`matrix: { A: [${many}] }\nsteps: [{ image: sh, commands: x }]`))).toEqual([
      "1:1 error workflow-matrix",
    ]);
  });

  it("sets the CI_* variables", () => {
    const { plan } = compile("steps: [{ image: sh, commands: x }]", pull);
    expect(plan?.systemEnv).toMatchObject({
      CI: "woodpecker",
      CI_REPO: "owner/repo",
      CI_REPO_OWNER: "owner",
      CI_REPO_NAME: "repo",
      CI_COMMIT_SHA: push.sha,
      CI_COMMIT_BRANCH: "main",
      CI_COMMIT_SOURCE_BRANCH: "feature/y",
      CI_COMMIT_TARGET_BRANCH: "main",
      CI_COMMIT_PULL_REQUEST: "7",
      CI_COMMIT_PULL_REQUEST_LABELS: "deploy,x",
      CI_COMMIT_PULL_REQUEST_DRAFT: "false",
      CI_COMMIT_MESSAGE: "fix: all",
      CI_COMMIT_AUTHOR: "ann",
      CI_COMMIT_TIMESTAMP: "1767323045",
      CI_PIPELINE_NUMBER: "12",
      CI_PIPELINE_EVENT: "pull_request",
      CI_PIPELINE_FILES: '["src/a.c","README.md"]',
      CI_WORKFLOW_NAME: "ci",
      CI_SYSTEM_HOST: "sluice.example:8420",
      CI_FORGE_URL: "http://forge",
      CI_PREV_COMMIT_SHA: push.before,
    });
    expect(
      compile("steps: [{ image: sh, commands: x }]", { ...push, ref: "refs/tags/v1.2" }).plan?.systemEnv,
    ).toMatchObject({ CI_COMMIT_TAG: "v1.2", CI_PIPELINE_EVENT: "tag" });
  });

  it("sets what the forge says about the repository and the sender, and lint knows every name", () => {
    const payload = {
      repository: { id: 82, private: true, ssh_url: "git@forge:o/r.git" },
      sender: { avatar_url: "http://forge/a.png" },
      release: { name: "One", prerelease: true },
      deployment: { environment: "live", task: "migrate" },
      pull_request: { milestone: { title: "M" } },
    };
    const events: readonly Event[] = [
      { ...push, payload },
      { ...pull, action: "labeled", payload },
      { ...push, kind: "release", ref: "refs/tags/v1", payload },
      { ...push, kind: "deployment", payload },
    ];
    const told = events.map(
      (event) =>
        woodpecker.compile(
          { path: ".woodpecker.yml", text: "steps: [{ image: sh, commands: x }]" },
          contextFor(event, {
            run: { id: "r", number: 12, attempt: 2, createdAt: 1_767_323_045_999, url: "http://sluice.example/runs/r" },
          }),
        ).plan,
    );
    expect(told[0]?.systemEnv).toMatchObject({
      CI_REPO_REMOTE_ID: "82",
      CI_REPO_PRIVATE: "true",
      CI_REPO_CLONE_SSH_URL: "git@forge:o/r.git",
      CI_REPO_TRUSTED_VOLUMES: "false",
      CI_PIPELINE_AVATAR: "http://forge/a.png",
      CI_PIPELINE_CREATED: "1767323045",
      CI_PREV_COMMIT_BRANCH: "main",
      CI_PREV_COMMIT_URL: `http://forge/owner/repo/commit/${push.before}`,
    });
    expect(told[1]?.systemEnv).toMatchObject({ CI_PIPELINE_EVENT_REASON: "labeled", CI_PIPELINE_RERUNS: "1" });
    expect(told[2]?.systemEnv).toMatchObject({ CI_PIPELINE_RELEASE_PRE: "true", CI_COMMIT_PRERELEASE: "true" });
    expect(told[0]?.jobs[0]?.steps[0]?.env).toMatchObject({ CI_STEP_URL: "http://sluice.example/runs/r" });
    const names = [...new Set(told.flatMap((plan) => Object.keys(plan?.systemEnv ?? {})))];
    expect(names.length).toBeGreaterThan(40);
    expect(
      lint(`steps: [{ image: p, settings: { all: "${names.map((name) => `\${${name}}`).join(" ")}" } }]`).filter(
        ({ code }) => code === "workflow-substitution",
      ),
    ).toEqual([]);
    expect(
      compile("steps: [{ image: sh, commands: x }]", { ...push, before: "0".repeat(40) }).plan?.systemEnv,
    ).not.toHaveProperty("CI_PREV_COMMIT_REF");
  });

  it("substitutes before it reads, with given values too", () => {
    const text =
      "steps:\n  - { name: a, image: sh, commands: 'echo ${CI_COMMIT_SHA:0:8} ${REGION} ${LEVEL} ${CI} $HOME $${HOME}' }\n";
    const { plan } = woodpecker.compile(
      { path: ".woodpecker.yml", text },
      contextFor({ ...push, kind: "manual", inputs: { LEVEL: "debug", CI: "no" } }, { vars: { REGION: "eu" } }),
    );
    expect(plan?.jobs[0]?.steps[1]?.action).toMatchObject({
      commands: ["echo 01234567 eu debug woodpecker $HOME ${HOME}"],
    });
    expect(plan?.env).toEqual({ REGION: "eu", LEVEL: "debug" });
  });

  it("carries concurrency, needs between workflows, services and clone settings", () => {
    const { plan } = compile(
      "concurrency: { limit: 2, group: 'deploy-${CI_COMMIT_BRANCH}' }\ndepends_on: [build, { name: lint, optional: true }]\nwhen: { status: [success, failure] }\nclone: [{ name: git, image: woodpeckerci/plugin-git:2, settings: { depth: 5, recursive: true, lfs: false } }, { name: other, image: woodpeckerci/plugin-git, settings: { remote: http://x } }]\nservices: [{ name: db, image: mysql, ports: [3306], environment: { A: b } }]\nsteps: [{ name: s, image: sh, commands: x, directory: \"it's\" }]\n",
    );
    expect(plan?.needs).toEqual([
      { workflow: "build", required: true },
      { workflow: "lint", required: false },
    ]);
    const job = plan?.jobs[0];
    expect(job).toMatchObject({
      if: { $expr: "!cancelled()" },
      concurrency: { group: "deploy-main", cancelInProgress: false, limit: 2 },
    });
    expect(job?.services).toEqual([
      { id: "db", image: "mysql", env: { CI_STEP_NAME: "db", CI_STEP_TYPE: "service", A: "b" }, ports: ["3306"] },
    ]);
    expect(job?.steps.map(({ action }) => action)).toEqual([
      { type: "typed", kind: "checkout", config: { fetch_depth: 5, submodules: "recursive", lfs: false } },
      { type: "container", image: "woodpeckerci/plugin-git", settings: { remote: "http://x" } },
      { type: "container", image: "sh", commands: ["cd 'it'\\''s'", "x"] },
    ]);
    expect(jobsOf("concurrency: 1\nsteps: [{ image: sh, commands: x }]")[0]?.concurrency).toEqual({
      group: "workflow ci",
      cancelInProgress: false,
      limit: 1,
    });
  });

  it("says why it does not start", () => {
    expect(compile("when: { event: tag }\nsteps: [{ image: sh, commands: x }]").skipped).toContain("`when`");
    expect(compile("steps: [{ image: sh, commands: x }]", { ...push, kind: "issue" }).skipped).toContain("issue");
    expect(
      compile("steps: [{ image: sh, commands: x }]", {
        ...push,
        commit: { message: "x [Skip CI]", author: { login: "a" }, timestamp: "" },
      }).skipped,
    ).toContain("skip ci");
  });

  it("reads cron lines from its filters", () => {
    const text =
      "when: [{ event: cron, cron: '0 3 * * *' }, { event: cron, cron: nightly }]\nsteps: [{ image: sh, commands: x }]\n";
    expect(woodpecker.schedules({ path: ".woodpecker.yml", text })).toEqual([
      { cron: "0 3 * * *", timeZone: "UTC", name: "woodpecker", line: 1, column: 29 },
    ]);
    expect(compile(text, { ...push, kind: "schedule", schedule: "0 3 * * *" }).plan).toBeDefined();
    expect(compile(text, { ...push, kind: "schedule", schedule: "1 3 * * *" }).plan).toBeUndefined();
    const each = text.replace("0 3 * * *", "* * * * *");
    expect(compile(each, { ...push, kind: "schedule", schedule: "0 3 * * *" }).plan).toBeUndefined();
  });

  it("tells scripts that a schedule is due", () => {
    const { plan } = compile("when: { event: cron }\nsteps: [{ image: sh, commands: x }]\n", {
      ...push,
      kind: "schedule",
      schedule: "0 3 * * *",
    });
    expect(plan?.systemEnv["CI_PIPELINE_EVENT"]).toBe("cron");
  });

  it("reports the position of an error in a cron line; compiling continues, because Woodpecker accepts any text as a name", () => {
    const text = "when: { event: cron, cron: '0 3 31 2 *' }\nsteps: [{ image: sh, commands: x }]\n";
    expect(places(lint(text))).toEqual(["1:33 error workflow-schedule"]);
    expect(compile(text, { ...push, kind: "schedule" }).diagnostics.map(({ severity }) => severity)).toEqual([
      "warning",
    ]);
  });
});

describe("when", () => {
  const tag: Event = { ...push, ref: "refs/tags/v1.2.0" };
  it.each([
    ["{ event: push }", push, true],
    ["{ event: [tag, push] }", push, true],
    ["{ event: { exclude: push } }", push, false],
    ["{ event: pull_request_closed }", { ...pull, action: "closed" }, true],
    ["{ event: pull_request }", { ...pull, action: "closed" }, false],
    ["{ event: pull_request_metadata }", { ...pull, action: "labeled" }, true],
    ["[{ event: tag }, { event: push, branch: main }]", push, true],
    ["{ branch: [dev, 'rel/*'] }", push, false],
    ["{ branch: { include: '*', exclude: main } }", push, false],
    ["{ branch: main }", pull, true],
    ["{ branch: nothing }", tag, true],
    ["{ event: tag, tag: 'v1.*' }", tag, true],
    ["{ event: tag, tag: 'v2.*' }", tag, false],
    ["{ ref: 'refs/tags/v*' }", tag, true],
    ["{ repo: 'owner/*' }", push, true],
    ["{ instance: 'sluice.*' }", push, true],
    ["{ platform: 'linux/*' }", push, true],
    ["{ platform: 'windows/*' }", push, false],
    ["{ path: 'src/*' }", push, true],
    ["{ path: 'docs/**' }", push, false],
    ["{ path: 'docs/**' }", tag, true],
    ["{ path: { include: ['docs/**'], ignore_message: 'FIX:' } }", push, true],
    ["{ path: { exclude: ['*.md', 'src/**'] } }", push, false],
    ["{ path: { exclude: ['*.md'] } }", push, true],
    ["{ path: { include: ['x'], on_empty: false } }", { ...push, changedFiles: [] }, false],
    ["{ path: { include: ['x'] } }", { ...push, changedFiles: [] }, true],
    ["{ path: 'docs/**' }", { ...push, changedFiles: undefined }, true],
    ["{ local: false }", push, false],
    ["{ evaluate: 'CI_COMMIT_BRANCH == CI_REPO_DEFAULT_BRANCH' }", push, true],
    ["{ evaluate: 'CI_COMMIT_MESSAGE matches \"^feat\"' }", push, false],
  ] as [string, Event, boolean][])("%s: case %#", (when, event, left) => {
    expect(stepsLeft(when, event)).toEqual(left ? ["it"] : []);
  });
});

describe("diagnostics of woodpecker files", () => {
  it.each([
    ["steps:\n  - { name: a, image: sh, comands: x }\n", "2:27 error workflow-schema", "Did you mean `commands`?"],
    ["matri: {}\nsteps: [{ image: sh, commands: x }]\n", "1:1 error workflow-schema", "Did you mean `matrix`?"],
    ["pipeline: {}\n", "1:1 error workflow-schema", "Write `steps` instead."],
    ["steps:\n  a:\n    image: sh\n    secrets: [x]\n", "4:5 error workflow-schema", "from_secret"],
    ["steps:\n  a:\n    commands: x\n", "3:5 error workflow-schema", "image"],
    ["steps: []\n", "1:8 error workflow-schema", "step"],
    ["steps:\n  a: { image: sh, commands: [true] }\n", "2:30 error workflow-schema", "quotes"],
    ["steps:\n  a: { image: sh, commands: { x: y } }\n", "2:31 error workflow-schema", "string or a list"],
    ["steps:\n  a: { image: p, settings: { a: b }, commands: x }\n", "2:38 error workflow-schema", "settings"],
    [
      "steps:\n  a: { image: sh, commands: x, when: { event: psuh } }\n",
      "2:47 error workflow-schema",
      "Did you mean `push`?",
    ],
    ["steps:\n  a: { image: sh, commands: x, when: { status: [failed] } }\n", "2:49 error workflow-schema", "failure"],
    [
      "steps:\n  a: { image: sh, commands: x, when: { evaluate: 'a ==' } }\n",
      "2:50 error workflow-expression",
      "and, or",
    ],
    ["steps:\n  a: { image: sh, commands: x, depends_on: [b] }\n", "2:45 error workflow-needs-unknown", "Steps: a."],
    [
      "steps:\n  a: { image: sh, commands: x, depends_on: b }\n  b: { image: sh, commands: x, depends_on: a }\n",
      "2:3 error workflow-needs-cycle",
      "Remove",
    ],
    [
      "steps:\n  - { name: a, image: sh, commands: x, depends_on: [] }\n  - { name: a, image: sh, commands: x }\n",
      "3:13 error workflow-schema",
      "another name",
    ],
    [
      "services: [{ name: a, image: x }, { name: a, image: y }]\nsteps: [{ image: sh, commands: x }]\n",
      "1:43 error workflow-schema",
      "another name",
    ],
    ["concurrency: 0\nsteps: [{ image: sh, commands: x }]\n", "1:14 error workflow-schema", "whole number"],
    [
      "steps:\n  a: { image: sh, commands: x, environment: { A: { from_secret: [x] } } }\n",
      "2:65 error workflow-schema",
      "from_secret: name",
    ],
    ["steps:\n  a: { image: 'x', commands: 'echo ${A.b}' }\n", "2:36 error workflow-substitution", "$${"],
    ["steps:\n  a: {\n", "3:1 error yaml-syntax", ""],
    ["clone: { other: { image: x } }\nsteps: [{ image: sh, commands: x }]\n", "1:10 error workflow-schema", "git"],
  ])("%s", (text, place, help) => {
    const found = lint(text);
    expect(places(found)).toContain(place);
    expect(found.map((each) => `${each.message} ${each.help}`).join("\n")).toContain(help);
  });

  it("accepts variables wherever a value is allowed", () => {
    expect(
      lint(
        "concurrency: ${LIMIT}\nwhen: { event: [${A}, push], branch: ${CI_REPO_DEFAULT_BRANCH} }\nsteps: [{ image: '${I}', commands: x, detach: ${D} }]\n",
      ),
    ).toEqual([]);
  });

  it("compiles what Woodpecker ignores, with a warning", () => {
    const { plan, diagnostics } = compile(
      "steps:\n  - { name: a, image: sh, commands: x, when: [{ failure: ignore }] }\n",
    );
    expect(plan?.jobs[0]?.steps.map(({ id }) => id)).toEqual(["clone", "a"]);
    expect(places(diagnostics)).toEqual(["2:49 warning workflow-schema"]);
  });

  it("points at the author's line after substituting long values", () => {
    const event: Event = { ...push, commit: { message: "one\ntwo\nthree", author: { login: "a" }, timestamp: "" } };
    const text =
      'steps:\n  - { name: a, image: sh, commands: ["x", ${CI_COMMIT_MESSAGE}] }\n  - { name: b, image: sh, commands: x, depends_on: [nope] }\n';
    expect(places(compile(text, event).diagnostics)).toEqual(["3:53 error workflow-needs-unknown"]);
  });

  it("warns about text that becomes a mapping when a variable is empty", () => {
    const text =
      'steps:\n  - name: a\n    image: sh\n    commands:\n      - echo ${USER_NAME}:${PASSWORD}\n      - "echo ${USER_NAME}:${PASSWORD}"\n      - echo ${CI_REPO}:${CI_COMMIT_SHA}\n      - echo x:${TAG:-latest}\n';
    expect(places(lint(text))).toEqual(["5:9 warning workflow-substitution"]);
    const { diagnostics, plan } = compile(text);
    expect(plan).toBeUndefined();
    expect(places(diagnostics)).toContain("5:9 warning workflow-substitution");
  });

  it("warns about text that anyone can write in a command", () => {
    const found = lint(
      'steps:\n  - name: ${CI_COMMIT_BRANCH}\n    image: sh\n    commands:\n      - echo "${CI_COMMIT_MESSAGE}" ${CI_COMMIT_SHA}\n      - echo "$${CI_COMMIT_MESSAGE}" "$CI_COMMIT_MESSAGE"\n',
    );
    expect(places(found)).toEqual(["5:15 warning workflow-injection"]);
  });

  it("points at the right places behind escapes, which shorten the text", () => {
    const text =
      "# $$ \\/ $$\nmatrix: { A: ['${CI_REPO}:1', b] }\nsteps:\n  - name: a\n    image: sh\n    commands:\n      - echo $$ \\\\ ${CI_COMMIT_MESSAGE}\n      - echo $$${CI_WORKSPACE}\n";
    expect(places(lint(text))).toEqual(["7:20 warning workflow-injection", "8:16 warning workflow-substitution"]);
    expect(jobsOf(text.replace("${CI_COMMIT_MESSAGE}", "x")).map(({ id }) => id)).toEqual([
      "ci (${CI_REPO}:1)",
      "ci (b)",
    ]);
  });

  it("warns about keys without effect", () => {
    expect(places(lint("workspace: { base: /go }\nsteps:\n  a: { image: sh, commands: x, pull: true }\n"))).toEqual([
      "1:1 warning workflow-unsupported",
      "3:32 warning workflow-unsupported",
    ]);
  });

  it("says in which combination of a matrix a step is missing", () => {
    const text =
      "matrix: { GO: ['1.24', '1.26'], OS: [linux] }\nsteps:\n  - { name: a, image: sh, commands: x, when: { matrix: { GO: '1.24' } } }\n  - { name: b, image: sh, commands: x, depends_on: a }\n";
    expect(compile(text).diagnostics.map(({ message }) => message)).toEqual([
      "The step `b` depends on `a`, which does not run for this event, with GO=1.26, OS=linux.",
    ]);
  });

  it("refuses a step that needs another that does not run for the event", () => {
    const text =
      "steps:\n  - { name: a, image: sh, commands: x, when: { event: tag } }\n  - { name: b, image: sh, commands: x, depends_on: a }\n";
    const [first] = compile(text).diagnostics;
    expect(places(first === undefined ? [] : [first])).toEqual(["3:52 error workflow-needs-unknown"]);
    expect(first?.help).toContain("optional");
    expect(lint(text)).toEqual([]);
  });

  it("never throws for any text", () => {
    const pieces = fc.constantFrom(
      "steps:\n",
      "  - ",
      "name: a\n",
      "    image: sh\n",
      "    commands: ",
      "x\n",
      "${CI_COMMIT_SHA}",
      "${",
      "}",
      "matrix: ",
      "{ A: [1, 2] }",
      "\n",
      "when: ",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*a",
      "<<: *a",
      "depends_on: a\n",
      "evaluate: 'a'\n",
      "environment: ",
      "- ",
      "~",
      "'",
      '"',
      "\t",
      "services:\n",
      "clone:\n",
      "labels: ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const file = { path: ".woodpecker.yml", text: parts.join("") };
        expect(() => [
          woodpecker.compile(file, contextFor(push)),
          woodpecker.lint(file),
          woodpecker.schedules(file),
        ]).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
