import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isExpression, type Event, type StepPlan } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";
import { fields } from "./fields.ts";
import { native } from "./index.ts";

const push: Event = {
  kind: "push",
  repository: { name: "owner/repo", defaultBranch: "main", cloneUrl: "http://127.0.0.1/r.git" },
  ref: "refs/heads/main",
  sha: "0123456789012345678901234567890123456789",
  changedFiles: ["src/a.ts"],
  commit: { message: "first line\n\nmore", author: { login: "ann", name: "Ann" }, timestamp: "2026-01-02T03:04:05Z" },
  sender: { login: "ann" },
  payload: {},
};

const pull: Event = {
  ...push,
  kind: "pull_request",
  action: "opened",
  ref: "refs/pull/7/head",
  pullRequest: {
    number: 7,
    title: 'A "title" $(touch x)',
    head: { ref: "feature/x", sha: "f".repeat(40), repository: "o/r" },
    base: { ref: "main", sha: "b".repeat(40) },
    fork: false,
  },
  payload: { pull_request: { body: "text" } },
};

const contextFor = (event: Event): CompileContext => ({
  event,
  run: { id: "r1", number: 3, attempt: 1 },
  vars: { REGION: "eu" },
  serverUrl: "http://s",
});
const compile = (text: string, event: Event = push) =>
  native.compile({ path: ".sluice/ci.yml", text }, contextFor(event));
const places = (list: readonly { line: number; column: number; code: string; severity: string }[]) =>
  list.map((each) => `${each.line}:${each.column} ${each.severity} ${each.code}`);

function stepsOf(text: string, event: Event = push): readonly StepPlan[] {
  const { plan, diagnostics } = compile(text, event);
  expect(diagnostics).toEqual([]);
  return plan?.jobs[0]?.steps ?? [];
}

const withSteps = (steps: string, rest = "triggers: [push, pull_request, manual]\n"): string =>
  `${rest}steps:\n${steps}`;

describe("the native dialect", () => {
  it("owns the files directly in .sluice", () => {
    expect([".sluice/a.yml", ".sluice/a.yaml", ".sluice/x/a.yml", "a.yml"].map((path) => native.owns(path))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("makes one job of a file", () => {
    const text = `name: Check
description: all of it
triggers: [{type: push, branches: [main]}]
env: { LEVEL: info, SHA: "\${short_sha}" }
concurrency: { group: "deploy-{{ branch }}", cancel_in_progress: true }
retry: { lost: 2 }
timeout_minutes: 30
runs_on: [linux, x64]
steps:
  - { name: source, type: checkout, ref: "\${head_sha}", fetch_depth: 1 }
  - name: build
    type: run_command
    commands: [make, make test]
    shell: bash
    working_directory: sub
    timeout_minutes: 5
    continue_on_error: true
    env: { TITLE: "{{ commit_title }}" }
  - { name: dist, type: upload_artifact, path: [dist, out], retention_days: 7 }
  - { type: update_status, state: success, context: ci, description: "of {{ build.version }}", if: "always()" }
`;
    const { plan, diagnostics } = compile(text);
    expect(diagnostics).toEqual([]);
    expect(plan).toMatchObject({
      dialect: "native",
      workflow: ".sluice/ci.yml",
      name: "Check",
      env: { LEVEL: "info", SHA: "01234567" },
      concurrency: { group: "deploy-main", cancelInProgress: true, limit: 1 },
    });
    expect(plan?.jobs).toHaveLength(1);
    expect(plan?.jobs[0]).toMatchObject({ id: "main", runsOn: ["linux", "x64"], timeoutMinutes: 30, retryLost: 2 });
    expect(plan?.jobs[0]?.steps.map(({ id, action }) => ({ id, action }))).toEqual([
      { id: "source", action: { type: "typed", kind: "checkout", config: { ref: push.sha, fetch_depth: 1 } } },
      { id: "build", action: { type: "run", script: "make\nmake test", shell: "bash", workingDirectory: "sub" } },
      {
        id: "dist",
        action: {
          type: "typed",
          kind: "upload_artifact",
          config: { name: "dist", path: ["dist", "out"], retention_days: 7 },
        },
      },
      {
        id: "__4",
        action: {
          type: "typed",
          kind: "update_status",
          config: {
            state: "success",
            context: "ci",
            description: { $expr: "format('of {0}', steps['build'].outputs['version'])", at: [20, 70] },
          },
        },
      },
    ]);
    expect(plan?.jobs[0]?.steps[1]).toMatchObject({
      at: [11, 11],
      timeoutMinutes: 5,
      continueOnError: true,
      env: { TITLE: "first line" },
    });
    expect(plan?.jobs[0]?.steps[3]?.if).toMatchObject({ $expr: "always()" });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it.each([
    ["- type: push", push, true],
    ["- push", push, true],
    ["- { type: push, branches: [release/*] }", push, false],
    ["- { type: push, branches: ['**', '!main'] }", push, false],
    ["- { type: push, paths: ['src/**'] }", push, true],
    ["- { type: push, paths: ['docs/**'] }", push, false],
    ["- { type: tag, tags: ['v*'] }", { ...push, ref: "refs/tags/v1" }, true],
    ["- { type: tag, tags: ['v*'] }", { ...push, ref: "refs/tags/x1" }, false],
    ["- push", { ...push, ref: "refs/tags/v1" }, false],
    ["- { type: pull_request, branches: [main] }", pull, true],
    ["- pull_request", { ...pull, action: "labeled" }, false],
    ["- { type: pull_request, events: [labeled] }", { ...pull, action: "labeled" }, true],
    ["- { type: schedule, cron: '0 3 * * *' }", { ...push, kind: "schedule", schedule: "0 3 * * *" }, true],
    ["- { type: schedule, cron: '0 3 * * *' }", { ...push, kind: "schedule", schedule: "0 4 * * *" }, false],
    ["- manual", { ...push, kind: "manual" }, true],
  ] as const)("%s on an event starts it: see the table", (trigger, event, starts) => {
    const { plan, skipped, diagnostics } = compile(
      withSteps("  - { type: run_command, command: 'true' }\n", `triggers:\n  ${trigger}\n`),
      event,
    );
    expect(diagnostics).toEqual([]);
    expect(plan !== undefined).toBe(starts);
    expect(skipped === undefined).toBe(starts);
  });

  it("starts only by hand without triggers, and names its schedules", () => {
    const text = "steps: [{ type: run_command, command: 'true' }]\n";
    expect(compile(text).skipped).toBeDefined();
    expect(compile(text, { ...push, kind: "manual" }).plan).toBeDefined();
    const scheduled =
      "name: Nightly\ntriggers: [{ type: schedule, cron: '0 3 * * 0', timezone: Europe/Berlin }]\nsteps: []\n";
    expect(native.schedules({ path: ".sluice/n.yml", text: scheduled })).toEqual([
      { cron: "0 3 * * 0", timeZone: "Europe/Berlin", name: "Nightly", line: 2, column: 36 },
    ]);
  });

  it("checks and fills in inputs", () => {
    const text =
      "triggers:\n  - type: manual\n    inputs:\n      level: { type: choice, options: [a, b], default: a }\n      name: { required: true }\nsteps:\n  - { type: run_command, command: 'echo {{ inputs.level }}' }\n";
    const byHand = (inputs: Record<string, string>) => compile(text, { ...push, kind: "manual", inputs });
    expect(byHand({ name: "x" }).plan?.contexts["inputs"]).toEqual({ level: "a", name: "x" });
    expect(places(byHand({}).diagnostics)).toEqual(["5:7 error call-invalid"]);
    expect(places(byHand({ name: "x", level: "c" }).diagnostics)).toEqual(["4:7 error call-invalid"]);
  });

  it.each([
    ["stepz: []\n", "1:1 error workflow-schema"],
    [withSteps("  - { type: run_comand, command: x }\n"), "3:13 error workflow-schema"],
    [withSteps("  - { type: agent, prompt: x }\n"), "3:13 error workflow-unsupported"],
    [withSteps("  - { command: x }\n"), "3:5 error workflow-schema"],
    [withSteps("  - { type: run_command, comand: x }\n"), "3:5 error workflow-schema"],
    [withSteps("  - { type: update_status, state: great }\n"), "3:35 error workflow-schema"],
    [
      withSteps("  - { type: update_status, state: success, description: 'x {{ haed_sha }}' }\n"),
      "3:60 error workflow-expression",
    ],
    [
      withSteps("  - { type: update_status, state: success, description: 'x ${haed_sha}' }\n"),
      "3:60 error workflow-expression",
    ],
    [withSteps("  - { type: run_command, command: 'echo {{ biuld.x }}' }\n"), "3:41 error workflow-expression"],
    [
      withSteps(
        "  - { name: a, type: run_command, command: 'true' }\n  - { type: run_command, command: 'echo {{ a.stdout }}' }\n",
      ),
      "4:41 error workflow-unsupported",
    ],
    [
      withSteps(
        "  - { name: a, type: run_command, command: 'echo {{ b.x }}' }\n  - { name: b, type: run_command, command: 'true' }\n",
      ),
      "3:50 error workflow-expression",
    ],
    [
      withSteps("  - { name: a, type: run_command, command: 'true', needs: [b] }\n"),
      "3:60 error workflow-needs-unknown",
    ],
    [
      withSteps(
        "  - { name: a, type: run_command, command: 'true' }\n  - { name: a, type: run_command, command: 'true' }\n",
      ),
      "4:13 error workflow-schema",
    ],
    [withSteps("  - { type: run_command, command: 'true', if: 'foo.x == 1' }\n"), "3:47 error workflow-expression"],
    [withSteps("  - { type: run_command, command: 'echo ${{ nope.x }}' }\n"), "3:45 error workflow-expression"],
    [
      "triggers: [{ type: schedule, cron: '0 3 * * MOON' }]\nsteps: [{ type: checkout }]\n",
      "1:45 error workflow-schedule",
    ],
    [
      "triggers: [{ type: schedule, cron: '@daily', timezone: Europe/Nowhere }]\nsteps: [{ type: checkout }]\n",
      "1:56 error workflow-schedule",
    ],
    ["triggers: [{ type: schedule }]\nsteps: [{ type: checkout }]\n", "1:12 error workflow-schema"],
  ])("explains %s", (text, first) => {
    expect(places(native.lint({ path: ".sluice/a.yml", text }))).toContain(first);
    expect(places(compile(text).diagnostics)).toContain(first);
  });

  it("suggests what was probably meant", () => {
    const [first] = native.lint({
      path: ".sluice/a.yml",
      text: withSteps("  - { type: update_status, state: success, description: '{{ haed_sha }}' }\n"),
    });
    expect(first?.help).toBe("Did you mean `head_sha`?");
  });

  it("keeps the order of steps when one of them has needs", () => {
    const steps = stepsOf(
      withSteps(
        "  - { name: a, type: run_command, command: 'true' }\n  - { name: b, type: run_command, command: 'true' }\n  - { name: c, type: run_command, command: 'true', needs: [a] }\n",
      ),
    );
    expect(steps.map(({ needs }) => needs)).toEqual([[], ["a"], ["a"]]);
  });

  it("documents every field, and the example in the documentation is valid", () => {
    const page = readFileSync(new URL("../../../docs/dialects/native.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, meaning]) => ({ name, meaning }));
    for (const [name, { meaning }] of Object.entries(fields)) expect(rows).toContainEqual({ name, meaning });
    const example = /^```yaml\n([^]*?)^```/m.exec(page)?.[1] ?? "";
    expect(native.lint({ path: ".sluice/example.yml", text: example })).toEqual([]);
    expect(compile(example).plan?.jobs[0]?.steps).toHaveLength(4);
  });

  it("keeps a command's output if a template uses it", () => {
    const [kept = [], plain = []] = ["{{ a.raw_output }}", "$sha"].map(
      (template) =>
        compile(
          withSteps(
            `  - { name: a, type: run_command, command: 'echo hi' }\n  - { type: run_command, command: 'echo ${template}' }\n`,
          ),
        ).plan?.jobs[0]?.steps,
    );
    expect(kept.map(({ action }) => action.type === "run" && action.keepsOutput)).toEqual([true, true]);
    expect(Object.values(kept[1]?.env ?? {})).toContainEqual({ $expr: "steps['a'].outputs['raw_output']" });
    expect(plain.map(({ action }) => Object.hasOwn(action, "keepsOutput"))).toEqual([false, false]);
  });

  it("reports unsupported steps only for events that start them", () => {
    const text =
      "name: Review\ntriggers:\n  - { type: pull_request, events: [opened, synchronize] }\nsteps:\n  - { name: checkout, type: checkout, ref: '${head_sha}', fetch_depth: 1 }\n  - { name: review, type: claude_execute, prompt_template_id: r, model: m, timeout_minutes: 5 }\n  - { type: post_comment, body_from: review.raw_output, marker: x }\n";
    expect(places(compile(text, pull).diagnostics)).toEqual([
      "6:27 error workflow-unsupported",
      "7:13 error workflow-unsupported",
    ]);
    expect(compile(text, push)).toEqual({
      file: ".sluice/ci.yml",
      diagnostics: [],
      skipped: "none of its triggers matches the event",
    });
    expect(places(compile(text.replace("ref:", "reff:"), push).diagnostics)).toContain("5:39 error workflow-schema");
  });

  it("never throws", () => {
    const pieces = fc.constantFrom(
      "triggers:\n",
      "- push\n",
      "steps:\n",
      "  - ",
      "type: run_command\n",
      "    command: ",
      "{{ title }}",
      "${sha}",
      "${{ ",
      "}}",
      "\n",
      "'",
      '"',
      ": ",
      "[",
      "&a ",
      "*a",
      "<<: ",
      "name: x\n",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join("");
        expect(() => [
          compile(text, pull),
          native.lint({ path: ".sluice/a.yml", text }),
          native.schedules({ path: ".sluice/a.yml", text }),
        ]).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

/** Runs the command of a step as the job room does, and returns what it printed. */
function run(step: StepPlan | undefined, outputs: Record<string, string> = {}): string {
  if (step?.action.type !== "run" || isExpression(step.action.script) || isExpression(step.env))
    throw new Error("not a literal command");
  const env = Object.fromEntries(
    Object.entries(step.env).map(([key, value]) => [key, isExpression(value) ? (outputs[value.$expr] ?? "") : value]),
  );
  return execFileSync("bash", ["--norc", "--noprofile", "-e", "-c", step.action.script], {
    env: { PATH: process.env["PATH"], ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

const hostileTitles = [
  '"; touch pwned; "',
  "$(touch pwned)",
  "`touch pwned`",
  "'; touch pwned; '",
  "a\nb  *",
  "-n",
  "${IFS}",
  "\\",
  "{{ sha }}",
  "${{ github.token }}",
  "EOF\ntouch pwned\n",
  "!!",
  "é🎯",
];

describe("values that anyone can write, in commands", () => {
  it.each([
    ["printf '[%s]' {{ pr_title }}", (title: string) => `[${title}]`],
    ['printf "[%s]" "x {{ pr_title }} y"', (title: string) => `[x ${title} y]`],
    ["printf '[%s]' 'x {{ pr_title }} y'", (title: string) => `[x ${title} y]`],
    ["printf '[%s]' $'x\\n{{ pr_title }}'", (title: string) => `[x\n${title}]`],
    ["printf '[%s]' --title=${pr_title}", (title: string) => `[--title=${title}]`],
    ['printf "[%s]" "$(printf "%s" "a{{ pr_title }}b")"', (title: string) => `[a${title}b]`],
    ["cat <<EOF\n[{{ pr_title }}]\nEOF\nprintf '[%s]' {{ pr_number }}", (title: string) => `[${title}]\n[7]`],
    ["true # it's {{ pr_title }}\nprintf '[%s]' '{{ pr_title }}'", (title: string) => `[${title}]`],
  ])("%s prints the title, whatever it is", (command, expected) => {
    for (const title of hostileTitles) {
      const event = { ...pull, pullRequest: { ...pull.pullRequest, title } } as Event;
      const [step] = stepsOf(
        `triggers: [pull_request]\nsteps:\n  - type: run_command\n    command: |-\n${command.replace(/^/gm, "      ")}\n`,
        event,
      );
      expect(JSON.stringify(step?.action)).not.toContain("pwned");
      // A here-document and `$( )` drop line breaks at the end; so do the titles here.
      expect(run(step).trimEnd()).toBe(expected(title).trimEnd());
    }
  });

  it("are also passed on for step outputs and expressions", () => {
    const [, step] = stepsOf(
      withSteps(
        "  - { name: a, type: run_command, command: 'true' }\n  - { type: run_command, command: 'echo {{ a.tag }} \"${{ steps.a.outputs.tag }}\" ${sha} $HOME ${HOME:-x} ${undeclared}' }\n",
      ),
    );
    expect(step?.action).toMatchObject({
      script: `echo "\${SLUICE_A_TAG}" "\${SLUICE_VALUE}" ${push.sha} $HOME \${HOME:-x} \${undeclared}`,
    });
    expect(step?.env).toEqual({
      SLUICE_A_TAG: { $expr: "steps['a'].outputs['tag']" },
      SLUICE_VALUE: { $expr: "steps.a.outputs.tag" },
    });
    expect(run(step, { "steps['a'].outputs['tag']": "$(id)", "steps.a.outputs.tag": "`id`" })).toContain("$(id) `id`");
  });

  it("are inserted after any number of warnings", () => {
    const [step] =
      compile(
        withSteps(`  - { type: run_command, command: '${"echo ${shaa}; ".repeat(50)}echo {{ pr_title }}' }\n`),
        pull,
      ).plan?.jobs[0]?.steps ?? [];
    expect(step?.action).toMatchObject({ script: expect.stringContaining('echo "${SLUICE_PR_TITLE}"') });
  });

  it.each([
    ["echo $(( {{ pr_title }} + 1 ))", "3:45 error workflow-injection"],
    ["echo ${X:-{{ pr_title }}}", "3:46 error workflow-injection"],
    ['eval "echo {{ pr_title }}"', "3:47 error workflow-injection"],
    ['bash -c "echo {{ pr_title }}"', "3:50 error workflow-injection"],
    ["[[ {{ pr_title }} -eq 1 ]]", "3:39 error workflow-injection"],
  ])("are refused in %s", (command, place) => {
    const text = withSteps(
      `  - { type: run_command, command: ${command.includes('"') ? `'${command}'` : `"${command}"`} }\n`,
    );
    expect(places(compile(text, pull).diagnostics)).toEqual([place]);
    expect(places(native.lint({ path: ".sluice/a.yml", text }))).toEqual([place]);
  });

  it("are refused in quoted here-documents, and in other languages", () => {
    const quoted = withSteps(
      "  - type: run_command\n    command: |\n      cat <<'EOF'\n      {{ pr_title }}\n      EOF\n",
    );
    expect(places(compile(quoted, pull).diagnostics)).toEqual(["6:7 error workflow-injection"]);
    const python = withSteps("  - { type: run_command, shell: python, command: 'print(\"{{ pr_title }}\")' }\n");
    expect(places(compile(python, pull).diagnostics)).toEqual(["3:58 error workflow-injection"]);
  });

  it("never become part of a command's text", () => {
    const script = fc.array(
      fc.constantFrom(
        "'",
        '"',
        "`",
        "$(",
        ")",
        "${",
        "}",
        "((",
        "))",
        "\\",
        "#",
        "\n",
        " ",
        "echo",
        "<<EOF\n",
        "EOF\n",
        "$'",
        "{{ pr_title }}",
        "${pr_title}",
      ),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(script, (parts) => {
        const event = { ...pull, pullRequest: { ...pull.pullRequest, title: "PWNED" } } as Event;
        const text = `triggers: [pull_request]\nsteps:\n  - type: run_command\n    command: ${JSON.stringify(`true\n${parts.join("")}`)}\n`;
        const { plan } = compile(text, event);
        expect(JSON.stringify(plan?.jobs[0]?.steps[0]?.action ?? "")).not.toContain("PWNED");
      }),
      { numRuns: 500 },
    );
  });
});
