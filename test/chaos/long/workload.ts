/** What the oracle knows about a job. */
export interface JobKind {
  readonly name: string;
  readonly steps: number;
  /** How often it runs again if it is lost. */
  readonly retries: number;
  readonly needs: readonly string[];
  /** It has `if: always()`. */
  readonly always: boolean;
  /** Its own concurrency group. */
  readonly group?: string;
}

/** A repository with one workflow whose steps append to the side file. */
export interface Project {
  readonly repository: string;
  readonly jobs: readonly JobKind[];
  /** The concurrency group of whole runs. */
  readonly group?: string;
  /** The workflow file. */
  text(side: string): string;
}

const kind = (name: string, steps: number, more: Partial<JobKind> = {}): JobKind => ({
  name,
  steps,
  retries: 0,
  needs: [],
  always: false,
  ...more,
});

/** What each step prints. */
export const printed = ["line 1 of 3", "line 2 of 3", "line 3 of 3"];

/** Every step takes up to 0.3 s. Steps of `gamma` leave a process behind, in a session of its own. */
export const projects: readonly Project[] = [
  {
    repository: "alpha",
    jobs: [
      kind("build", 3),
      ...[1, 2, 3].map((cell) => kind(`cell-${cell}`, 2, { needs: ["build"] })),
      kind("retried", 3, { retries: 3 }),
      kind("deploy", 2, { needs: ["build"], group: "deploy" }),
      kind("last", 1, { needs: ["cell-1", "cell-2", "cell-3", "retried", "deploy"], always: true }),
    ],
    text: (side) => `
on: push
env: { SIDE: '${side}' }
jobs:
  build:
    runs-on: host
    env: { NAME: build }
    outputs: { made: "\${{ steps.s3.outputs.made }}" }
    steps: ${steps(3)}
  cell:
    name: cell-\${{ matrix.cell }}
    needs: build
    runs-on: host
    strategy: { fail-fast: false, matrix: { cell: [1, 2, 3] } }
    env: { NAME: "cell-\${{ matrix.cell }}", MADE: "\${{ needs.build.outputs.made }}" }
    steps: ${steps(2, "[ $MADE = build ]")}
  retried:
    runs-on: host
    env: { NAME: retried, SLUICE_RETRY_LOST: "3" }
    steps: ${steps(3)}
  deploy:
    needs: build
    runs-on: host
    concurrency: deploy
    env: { NAME: deploy }
    steps: ${steps(2)}
  last:
    needs: [cell, retried, deploy]
    if: always()
    runs-on: host
    env: { NAME: last }
    steps: ${steps(1)}
`,
  },
  {
    repository: "beta",
    group: "beta",
    jobs: [kind("one", 2), kind("two", 2, { needs: ["one"], retries: 1 })],
    text: (side) => `
on: push
concurrency: beta
env: { SIDE: '${side}' }
jobs:
  one:
    runs-on: host
    env: { NAME: one }
    steps: ${steps(2)}
  two:
    needs: one
    runs-on: host
    env: { NAME: two, SLUICE_RETRY_LOST: "1" }
    steps: ${steps(2)}
`,
  },
  {
    repository: "gamma",
    jobs: ["p", "q", "r", "s"].map((name) => kind(name, 1)),
    text: (side) => `
on: push
env: { SIDE: '${side}' }
jobs: ${["p", "q", "r", "s"]
      .map(
        (name) => `
  ${name}:
    runs-on: host
    env: { NAME: ${name} }
    steps: ${steps(1, "setsid sleep 3600 >/dev/null 2>&1 </dev/null &")}`,
      )
      .join("")}
`,
  },
];

/** Steps that write `<commit> <job> <folder of the job> <step> start` and, at their end, the same with `end`. */
function steps(count: number, first = ""): string {
  const pause = "sleep 0.$(printf %03d $((RANDOM % 150)))";
  const [one, two, three] = printed;
  return Array.from({ length: count }, (_, index) => index + 1)
    .map(
      (step) => `
      - id: s${step}
        name: s${step}
        run: |
          root=\${GITHUB_WORKSPACE%/workspace}; me="$GITHUB_SHA $NAME \${root##*/} ${step}"
          echo "$me start" >> "$SIDE"
          ${first === "" ? ":" : first}
          echo "${one}"; ${pause}; echo "${two}"; ${pause}; echo "${three}"
          echo "made=$NAME" >> "$GITHUB_OUTPUT"
          echo "$me end" >> "$SIDE"`,
    )
    .join("");
}
