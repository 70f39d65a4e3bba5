import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { StepPlan } from "../../model/index.ts";
import { run, scratchFolder, script, text, uses, type Outcome } from "../testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let count = 0;

/** Runs steps in a copy of the files given. */
function inTree(
  files: Readonly<Record<string, string>>,
  steps: readonly StepPlan[],
  more: Partial<Parameters<typeof run>[1]> = {},
): Promise<Outcome> {
  const source = join(scratch.path, `tree ${(count += 1)}`);
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), body);
  }
  return run(join(scratch.path, "work"), {
    steps: [uses("checkout", "actions/checkout@v4"), ...steps],
    ...more,
    assignment: {
      source: { kind: "folder", path: source, sha: "0".repeat(40), ref: "refs/heads/main" },
      ...more.assignment,
    },
  });
}

describe("composite actions", () => {
  it("have inputs with defaults, outputs, their own steps context, and their folder", async () => {
    const { logs, finished } = await inTree(
      {
        "a/action.yml": `
name: A
inputs:
  who: { default: "\${{ github.sha }}" }
  Given: { required: true }
outputs:
  out: { value: "\${{ steps.inner.outputs.x }}" }
runs:
  using: composite
  steps:
    - { id: inner, shell: bash, run: 'echo x=\${{ inputs.who }}-\${{ inputs.given }} >> $GITHUB_OUTPUT' }
    - { shell: bash, run: 'echo \${{ steps.outer.outputs.y }}. $(basename "$GITHUB_ACTION_PATH") \${{ github.action_path == env.GITHUB_ACTION_PATH || 1 }}' }
`,
      },
      [
        script("outer", "echo y=1 >> $GITHUB_OUTPUT"),
        uses("use", "./a", { GIVEN: "g" }),
        script("see", "echo ${{ steps.use.outputs.out }} ${{ steps.inner.outputs.x }}."),
      ],
    );
    expect(finished.status).toBe("success");
    expect(logs[2]).toContain("\n. a 1\n");
    expect(logs[3]).toBe("cafe-g .\n");
  });

  it("see the variables of the step that uses them, and GITHUB_ENV at once; none of theirs leaks out", async () => {
    const { logs, steps } = await inTree(
      {
        "a/action.yml": `
runs:
  using: composite
  steps:
    - { shell: sh, run: 'echo "$OVER $STEP $JOB"; echo OVER=file >> $GITHUB_ENV; echo NEW=\${{ env.STEP }} >> $GITHUB_ENV' }
    - { shell: sh, run: 'echo "$OVER $NEW \${{ env.INNER }}"', env: { INNER: i } }
`,
      },
      [uses("use", "./a", {}, { env: { OVER: "step", STEP: "s" } }), script("see", 'echo "$OVER $NEW $STEP $INNER."')],
      { job: { env: { JOB: "j", OVER: "job" } } },
    );
    expect(steps["use"]).toBe("success");
    expect(logs[1]).toContain("step s j\n");
    expect(logs[1]).toContain("step s i\n");
    expect(logs[2]).toBe("file s  .\n");
  });

  it("stop at a failure, run steps that ask for it, and fail their step; outputs are still set", async () => {
    const { logs, steps } = await inTree(
      {
        "a/action.yml": `
outputs: { o: { value: set } }
runs:
  using: composite
  steps:
    - { shell: bash, run: exit 3, continue-on-error: true }
    - { shell: bash, run: echo still here }
    - { shell: bash, run: exit 4 }
    - { shell: bash, run: echo not here }
    - { shell: bash, run: 'echo tidy \${{ job.status }}', if: failure() }
    - { shell: bash, run: echo always, if: "\${{ always() }}" }
`,
      },
      [uses("use", "./a"), script("see", "echo ${{ steps.use.outputs.o }}", { if: { $expr: "always()" } })],
    );
    expect(steps["use"]).toBe("failure");
    for (const line of ["still here\n", "tidy success\n", "always\n"]) expect(logs[1]).toContain(line);
    expect(logs[1]).not.toContain("\nnot here");
    expect(logs[2]).toBe("set\n");
  });

  it("see only the secrets they are given; their defaults see the job's contexts", async () => {
    const body = `
inputs: { given: {}, cell: { default: "\${{ matrix.os }} \${{ strategy.job-index }} \${{ job.status }}" } }
runs: { using: composite, steps: [{ shell: sh, run: 'echo "\${{ inputs.cell }} \${{ inputs.given }}"' }, { shell: sh, run: 'echo "[\${{ secrets.S }}]"' }] }
`;
    const { logs, steps } = await inTree(
      { "a/action.yml": body },
      [uses("use", "./a", { given: "${{ secrets.S }}" })],
      { assignment: { secrets: { S: "hush" }, contexts: { matrix: { os: "x" }, strategy: { "job-index": 2 } } } },
    );
    expect(steps["use"]).toBe("success");
    expect(logs[1]).toContain("x 2 success ***\n");
    expect(logs[1]).toContain("\n[]\n");
  });

  it("warn about inputs that are unknown or deprecated", async () => {
    const { logs, steps } = await inTree(
      {
        "a/action.yml":
          "inputs: { old: { deprecationMessage: Take new. }, idle: { deprecationMessage: No. }, new: {} }\nruns: { using: composite, steps: [] }",
      },
      [uses("use", "./a", { OLD: "1", odd: "2" })],
    );
    expect(steps["use"]).toBe("success");
    expect(logs[1]).toContain(
      "##[warning]Unexpected input(s) odd; the action has old, idle, new.\n##[warning]The input old is deprecated: Take new.\n",
    );
    expect(logs[1]).not.toContain("No.");
  });

  it("have conditions with several expressions, which yield text, as a workflow's do", async () => {
    const steps = ["${{ inputs.no }} && ${{ inputs.no }}", "${{ false }}", "  ", "inputs.no == 'x'"].map(
      (condition, index) => `{ if: ${JSON.stringify(condition)}, shell: sh, run: echo ran${index} }`,
    );
    const { logs } = await inTree(
      { "a/action.yml": `inputs: { no: { default: '' } }\nruns: { using: composite, steps: [${steps.join(", ")}] }` },
      [uses("use", "./a")],
    );
    expect(logs[1]?.match(/^ran\d$/gm)).toEqual(["ran0", "ran2"]);
  });

  it("see a failure only in their own steps", async () => {
    const { steps } = await inTree(
      {
        "a/action.yml":
          "runs: { using: composite, steps: [{ shell: sh, run: 'true' }, { shell: sh, run: exit 1, if: failure() }] }",
      },
      [script("bad", "false"), uses("use", "./a", {}, { if: { $expr: "failure()" } })],
    );
    expect(steps).toMatchObject({ bad: "failure", use: "success" });
  });

  it.each([
    ["uses itself for ever", "runs: { using: composite, steps: [{ uses: ./a }] }", /nested more than/],
    ["has no steps", "runs: { using: composite }", /\]a\/action\.yml: `runs\.steps` is missing/],
    ["has no shell", "runs: { using: composite, steps: [{ run: 'true' }] }", /no `shell`/],
    [
      "has a step in the background",
      "runs: { using: composite, steps: [{ run: sleep 300, shell: sh, background: true }] }",
      /step 1 has `background`/,
    ],
    ["is not YAML", "runs: [", /action\.yml/],
    ["has a key twice", "runs: { using: composite }\nruns: { using: docker }", /unique/i],
    [
      "is a bomb of aliases",
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nruns: { using: composite }`,
      /alias/,
    ],
    ["is nothing known", "runs: { using: ruby }", /ruby/],
    ["is a container", "runs: { using: docker, image: Dockerfile }", /container/],
    ["has broken braces", "runs: { using: composite, steps: [{ shell: sh, run: '${{ nope' }] }", /has no closing/],
  ])("fail their step when one %s", async (_what, body, message) => {
    const { steps, logs } = await inTree({ "a/action.yml": body }, [uses("use", "./a")]);
    expect(steps["use"]).toBe("failure");
    expect(logs[1]).toMatch(message);
  });
});

describe("JavaScript actions", () => {
  const action =
    "name: JS\ninputs: { a b: { default: d } }\nruns: { using: node24, pre: pre.js, main: main.js, post: post.js }\n";
  const files = {
    "js/action.yml": action,
    "js/package.json": '{ "type": "module" }',
    "js/pre.js": 'console.log("pre");',
    "js/main.js":
      'import { appendFileSync } from "node:fs"; console.log("main", process.env["INPUT_A_B"], process.cwd() === process.env.GITHUB_WORKSPACE); appendFileSync(process.env.GITHUB_STATE, "id=42\\n"); appendFileSync(process.env.GITHUB_OUTPUT, "o=1\\n");',
    "js/post.js": 'console.log("post", process.env.STATE_id, process.env["INPUT_A_B"], process.env.LATER);',
  };

  it("run before, in and after the job, with inputs, state and outputs", async () => {
    const { logs, steps, reports } = await inTree(files, [
      uses("use", "./js", { "a b": "x" }),
      script("see", "echo ${{ steps.use.outputs.o }}; echo LATER=l >> $GITHUB_ENV"),
    ]);
    expect(logs[1]).toBe("pre\nmain x true\n");
    expect(logs[2]).toBe("1\n");
    expect(logs[3]).toBe("post 42 x l\n");
    expect(steps["__post_use"]).toBe("success");
    expect(reports.find((entry) => entry.type === "step.added")).toMatchObject({ step: 3, name: "Post ./js" });
  });

  it("run their post steps in reverse order, after failures too, also inside composite actions", async () => {
    const { logs, steps, finished } = await inTree(
      {
        "p/action.yml": "inputs: { n: {}, fail: {} }\nruns: { using: node20, main: main.js, post: post.js }",
        "p/main.js": "",
        "p/post.js": 'console.log("post", process.env.INPUT_N); if (process.env.INPUT_FAIL) process.exitCode = 1;',
        "c/action.yml":
          "runs: { using: composite, steps: [{ uses: ./p, with: { n: 2, fail: yes } }, { uses: ./p, with: { n: 3 } }, { uses: ./p, if: false, with: { n: 9 } }] }",
      },
      [uses("one", "./p", { n: "1" }), uses("c", "./c"), script("bad", "exit 1")],
    );
    expect(logs.slice(4).join("")).toMatch(/post 3[\s\S]*post 2[\s\S]*post 1/);
    expect(logs.join("")).not.toContain("post 9");
    expect(steps).toMatchObject({ bad: "failure", __post_c: "failure", __post_one: "success" });
    expect(finished.status).toBe("failure");
  });

  it("respect post-if", async () => {
    const { steps } = await inTree(
      { "js/action.yml": "runs: { using: node20, main: m.js, post: m.js, post-if: failure() }", "js/m.js": "" },
      [uses("use", "./js")],
    );
    expect(steps["__post_use"]).toBe("skipped");
  });

  it("know their inputs in pre-if and post-if, which hold after a failure too when they do not ask for the status", async () => {
    const { logs, steps } = await inTree(
      {
        "js/action.yml":
          "inputs: { pre: {}, post: {} }\nruns: { using: node20, pre: pre.js, pre-if: inputs.pre == 'yes', main: main.js, post: post.js, post-if: \"inputs.post == 'yes' && runner.os != ''\" }",
        "js/pre.js": 'console.log("pre ran")',
        "js/main.js": "",
        "js/post.js": "",
        "c/action.yml": "runs: { using: composite, steps: [{ uses: ./js, with: { post: yes } }] }",
      },
      [
        uses("both", "./js", { pre: "yes", post: "yes" }),
        uses("none", "./js"),
        uses("inner", "./c"),
        script("bad", "exit 1"),
      ],
    );
    expect(logs[1]).toBe("pre ran\n");
    expect(logs[2]).toBe("");
    expect(steps).toMatchObject({
      __post_both: "success",
      __post_none: "skipped",
      __post_inner: "success",
      bad: "failure",
    });
    expect(logs.join("")).toContain("##[command]Post ./js\n");
  });

  it("and scripts find GITHUB_ACTION_REF and GITHUB_ACTION_REPOSITORY, which are empty for the repository's own", async () => {
    const { logs } = await inTree(
      {
        "js/action.yml": "runs: { using: node20, main: m.js }",
        "js/m.js": "console.log([process.env.GITHUB_ACTION_REF, process.env.GITHUB_ACTION_REPOSITORY])",
      },
      [
        uses("use", "./js"),
        script(
          "see",
          'echo "${GITHUB_ACTION_REF-unset}${GITHUB_ACTION_REPOSITORY-unset}${{ github.action_ref }}${{ github.action_repository }}."',
        ),
      ],
    );
    expect(logs[1]).toBe("[ '', '' ]\n");
    expect(logs[2]).toBe(".\n");
  });
});

describe("actions of the repository at the run's commit ($/)", () => {
  it("need no checkout, are not what a step wrote into the workspace, and find each other", async () => {
    const source = join(scratch.path, "own tree");
    for (const [name, body] of Object.entries({
      "act/one/action.yml":
        "inputs: { n: {} }\nruns: { using: composite, steps: [{ uses: $/act/two, with: { n: '${{ inputs.n }}!' } }] }",
      "act/two/action.yml": "inputs: { n: {} }\nruns: { using: node20, main: main.js }",
      "act/two/main.js": 'console.log("two", process.env.INPUT_N, process.cwd() === process.env.GITHUB_WORKSPACE)',
    })) {
      mkdirSync(dirname(join(source, name)), { recursive: true });
      writeFileSync(join(source, name), body);
    }
    const { logs, steps } = await run(join(scratch.path, "work"), {
      steps: [
        script("ls", "ls -A; mkdir -p act/one; echo 'runs: {using: composite, steps: []}' > act/one/action.yml"),
        uses("use", "$/act/one", { n: "1" }),
        uses("again", "$/act/two", { n: "2" }),
        uses("out", "$/../act"),
        uses("none", "$/act", {}, { if: { $expr: "always()" } }),
      ],
      assignment: { source: { kind: "folder", path: source, sha: "0".repeat(40), ref: "refs/heads/main" } },
    });
    expect(logs[0]).toBe("");
    expect(logs[1]).toContain("two 1! true\n");
    expect(logs[2]).toContain("two 2 true\n");
    expect(logs[3]).toMatch(/outside of the repository/);
    expect(logs[4]).toMatch(/No action.yml or action.yaml in act\./);
    expect(steps).toEqual({ ls: "success", use: "success", again: "success", out: "failure", none: "failure" });
  });
});

describe("uses", () => {
  it.each([
    ["./nowhere", /No action\.yml.*nowhere[\s\S]*actions\/checkout/],
    ["owner/name@v1", /not built in[\s\S]*actions\/checkout/],
    ["docker://alpine", /no containers/],
    ["../outside", /outside/],
    ["constructor", /not built in/],
  ])("fails the step for %s and says what to do", async (reference, message) => {
    const { steps, logs } = await inTree({ x: "" }, [
      uses("use", reference),
      script("after", "true", { if: { $expr: "failure()" } }),
    ]);
    expect(steps).toMatchObject({ use: "failure", after: "success" });
    expect(logs[1]).toMatch(message);
  });

  it("takes built-in actions in any version and by address", async () => {
    const { steps } = await inTree({ x: "" }, [
      uses("a", "https://code.example/actions/checkout@main"),
      uses("b", "Actions/Checkout@8e5e7e5"),
    ]);
    expect(steps).toEqual({ checkout: "success", a: "success", b: "success" });
  });

  it("evaluates names for people", async () => {
    const { reports } = await inTree({ x: "" }, [script("a", "true", { name: text("on ${{ github.sha }}") })]);
    expect(reports).toContainEqual(expect.objectContaining({ type: "step.started", step: 1, name: "on cafe" }));
  });
});
