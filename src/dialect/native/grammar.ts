import {
  anything,
  either,
  flag,
  integer,
  list,
  object,
  plain,
  record,
  text,
  textOrList,
  word,
  type Shape,
} from "../shape/index.ts";

/** The triggers of a workflow. */
export const triggerTypes = [
  "push",
  "pull_request",
  "tag",
  "release",
  "issue",
  "comment",
  "schedule",
  "manual",
  "deployment",
] as const;

const environment = either({ mapping: record(plain) });

const input = object({
  description: text,
  type: word("string", "boolean", "number", "choice"),
  required: flag,
  default: plain,
  options: list(plain),
});
const triggerType = word(...triggerTypes);
const trigger = either({
  scalar: triggerType,
  mapping: object(
    {
      type: triggerType,
      branches: textOrList,
      tags: textOrList,
      paths: textOrList,
      events: textOrList,
      cron: text,
      timezone: text,
      inputs: either({ mapping: record(either({ scalar: plain, mapping: input })) }),
    },
    {
      required: ["type"],
      hints: {
        branch: "Write `branches:`.",
        tag: "Write `tags:`.",
        path: "Write `paths:`.",
        types: "Write `events:`.",
        time_zone: "Write `timezone:`.",
      },
    },
  ),
});

const timeout = integer(1);

/** A template is unknown until the workflow runs, and fits everywhere until then. */
const templated =
  (shape: Shape): Shape =>
  (node, where, report) => {
    if (node.kind !== "scalar" || !/\{\{|\$\{/.test(node.source)) shape(node, where, report);
  };

/** Keys that every step can have. */
const shared = {
  id: text,
  name: text,
  type: text,
  if: either({ scalar: anything }),
  needs: textOrList,
  env: environment,
  timeout_minutes: timeout,
  continue_on_error: flag,
};

const stepHints = {
  run: "Write `command:`.",
  script: "Write `command:`.",
  depends_on: "Write `needs:`.",
  when: "Write `if:` with an expression.",
  uses: "The native dialect has its own step types; actions run in `.github/workflows` and similar folders.",
  "working-directory": "Write `working_directory:`.",
  "timeout-minutes": "Write `timeout_minutes:`.",
  "continue-on-error": "Write `continue_on_error:`.",
};

const step = (fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape =>
  object({ ...shared, ...fields }, { required, hints: stepHints });

/** The supported step types, and their keys. */
export const stepShapes: Readonly<Record<string, Shape>> = {
  run_command: step({ command: textOrList, commands: textOrList, shell: text, working_directory: text }),
  checkout: step({ ref: text, fetch_depth: templated(integer(0)) }),
  upload_artifact: step({ path: textOrList, artifact: text, retention_days: templated(integer(1)) }, ["path"]),
  update_status: step(
    {
      state: templated(word("pending", "running", "success", "failure", "error")),
      context: text,
      description: text,
      target_url: text,
    },
    ["state"],
  ),
};

/** Planned types, so that they are not reported as misspelt. */
export const futureSteps: ReadonlySet<string> = new Set([
  "agent",
  "claude_execute",
  "create_pr",
  "post_comment",
  "deploy",
]);

/** A whole file, except its steps. */
export const workflowShape: Shape = object(
  {
    name: text,
    description: text,
    triggers: list(trigger),
    env: environment,
    concurrency: either({
      scalar: text,
      mapping: object({ group: text, cancel_in_progress: flag, limit: integer(1) }, { required: ["group"] }),
    }),
    retry: object({ lost: integer(0) }),
    timeout_minutes: timeout,
    runs_on: textOrList,
    steps: list(either({ mapping: anything })),
  },
  {
    required: ["steps"],
    hints: {
      on: "Write `triggers:` with a list of `type:`.",
      trigger: "Write `triggers:`.",
      jobs: "A native workflow is one job: its `steps` are at the top level.",
      "runs-on": "Write `runs_on:`.",
      labels: "Write `runs_on:`.",
      timeout: "Write `timeout_minutes:`.",
    },
  },
);
