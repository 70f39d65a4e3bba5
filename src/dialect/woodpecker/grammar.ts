import {
  anything,
  either,
  flag,
  integer,
  list,
  number,
  object,
  plain,
  record,
  text,
  textOrList,
  word,
  type Shape,
} from "../shape/index.ts";
import { woodpeckerEvents } from "./metadata.ts";

/*
 * The structure of a Woodpecker file: the rules of the published schema
 * (pipeline/frontend/yaml/linter/schema/schema.json), plus only what Woodpecker's own reader also accepts: `include`
 * and `exclude` for events, `tag` and `local` in conditions, `environment` as a list.
 */

const filter = either({
  scalar: text,
  sequence: list(text),
  mapping: object({ include: textOrList, exclude: textOrList }),
});
const eventName = word(...woodpeckerEvents);
const eventOrList = either({ scalar: eventName, sequence: list(eventName) });
const statusName = word("success", "failure");

const condition = {
  repo: filter,
  branch: filter,
  event: either({
    scalar: eventName,
    sequence: list(eventName),
    mapping: object({ include: eventOrList, exclude: eventOrList }),
  }),
  ref: filter,
  tag: filter,
  cron: filter,
  status: either({ scalar: statusName, sequence: list(statusName) }),
  platform: filter,
  instance: filter,
  local: flag,
  path: either({
    scalar: text,
    sequence: list(text),
    mapping: object({ include: textOrList, exclude: textOrList, ignore_message: text, on_empty: flag }),
  }),
  evaluate: text,
};

const conditionHints = {
  environment: "Use `event: deployment` with `evaluate: 'CI_PIPELINE_DEPLOY_TARGET == \"production\"'`.",
  failure: "`failure` belongs to the step, not to its `when`.",
  branches: "Write `branch:`.",
  events: "Write `event:`.",
  paths: "Write `path:`.",
  matrix: "`matrix` filters steps; move it into the `when` of a step.",
};

const many = (shape: Shape): Shape => either({ sequence: list(shape), mapping: shape });
const workflowWhen = many(object(condition, { hints: conditionHints }));
const variables = either({ mapping: record(plain) });
const stepWhen = many(
  object(
    { ...condition, matrix: either({ mapping: object({ include: variables, exclude: variables }, { open: true }) }) },
    { hints: conditionHints },
  ),
);

const dependency = either({ scalar: text, mapping: object({ name: text, optional: flag }, { required: ["name"] }) });
const dependencies = either({ scalar: text, sequence: list(dependency) });

const value = either({ scalar: plain, sequence: anything, mapping: anything });
const settings = record(value);
const environment = either({ mapping: record(value), sequence: list(text) });

const strings = either({ mapping: record(text) });
const backendOptions = object(
  {
    docker: object({ user: text }, { open: true }),
    kubernetes: object(
      {
        resources: object({ requests: strings, limits: strings }, { open: true }),
        labels: variables,
        annotations: variables,
        tolerations: list(
          object(
            { key: text, operator: text, value: text, effect: text, tolerationSeconds: integer(0) },
            { open: true },
          ),
        ),
        securityContext: object(
          {
            privileged: flag,
            runAsNonRoot: flag,
            runAsUser: number,
            runAsGroup: number,
            fsGroup: number,
            fsGroupChangePolicy: text,
            allowPrivilegeEscalation: flag,
          },
          { open: true },
        ),
        runtimeClassName: text,
        serviceAccountName: text,
        workspaceVolume: flag,
        hostUsers: flag,
        nodeSelector: strings,
        affinity: object({}, { open: true }),
        secrets: list(
          object({ name: text, key: text, target: either({ mapping: object({ env: text, file: text }) }) }),
        ),
      },
      { open: true },
    ),
  },
  { open: true },
);

const container = {
  name: text,
  image: text,
  privileged: flag,
  pull: flag,
  directory: text,
  commands: textOrList,
  entrypoint: textOrList,
  environment,
  settings,
  when: stepWhen,
  volumes: list(text),
  backend_options: backendOptions,
  // Woodpecker's reader accepts them; the published schema does not list them.
  devices: list(text),
  extra_hosts: list(text),
  network_mode: text,
  tmpfs: list(text),
};

const containerHints = {
  secrets: "Reference each secret where it is used: `environment:` with `NAME: { from_secret: name }`.",
  group: "Use `depends_on` to run steps side by side.",
  command: "Write `commands:`.",
  env: "Write `environment:`.",
  run: "Write `commands:`.",
  uses: "Actions do not run in Woodpecker pipelines; use a plugin's `image` with `settings`.",
  if: "Write `when:`.",
  needs: "Write `depends_on:`.",
};

const step = object(
  {
    ...container,
    depends_on: dependencies,
    detach: flag,
    failure: word("fail", "ignore", "cancel"),
    dns: textOrList,
    dns_search: textOrList,
  },
  { required: ["image"], refused: ["secrets"], hints: containerHints },
);

const serviceKeys = { ...container, failure: word("fail", "ignore"), ports: list(plain) };
const serviceRules = {
  required: ["image"],
  refused: ["secrets"],
  hints: {
    ...containerHints,
    detach: "A service always runs in the background.",
    depends_on: "Services start before the steps; use a step with `detach: true` to start something later.",
  },
};
const service = object(serviceKeys, serviceRules);
/** A list has no key to name it by, and its name is the host name that steps use. */
const listedService = object(serviceKeys, { ...serviceRules, wanted: ["name"] });

/** The parts given by name or as a list. */
const containers = (named: Shape, listed: Shape): Shape => either({ mapping: record(named), sequence: list(listed) });

const cloneSettings = object({ depth: number, recursive: flag, partial: flag, lfs: flag, tags: flag }, { open: true });
const clone = either({
  mapping: object(
    { git: object({ image: text, settings: cloneSettings }, { open: true }) },
    { hints: { skip: "Write `skip_clone: true` at the top level of the file." } },
  ),
  sequence: list(step),
});

const concurrency = either({
  scalar: integer(1),
  mapping: object({ limit: integer(1), group: text }, { wanted: ["limit"] }),
});
const combinations = list(record(anything));
const axis = list(plain);
const matrix = either({
  mapping: (node, where, report) => {
    if (node.kind !== "mapping") return;
    for (const { key, value } of node.entries)
      (key === "include" ? combinations : axis)(value, `${where}.${key}`, report);
  },
});

/** A whole file. */
export const workflowShape: Shape = object(
  {
    $schema: text,
    variables: anything,
    clone,
    skip_clone: flag,
    when: workflowWhen,
    steps: containers(step, step),
    services: containers(service, listedService),
    workspace: object({ base: text, path: text }, { open: true }),
    matrix,
    labels: record(plain),
    depends_on: dependencies,
    concurrency,
    runs_on: list(word("success", "failure")),
  },
  {
    required: ["steps"],
    hints: {
      pipeline: "Write `steps` instead.",
      branches: "Use `when:` with `branch:`.",
      platform: "Use `labels:` with `platform: linux/amd64`.",
      pipelines: "Write one file per workflow, in `.woodpecker/`.",
      jobs: "Woodpecker files have `steps`; files with `jobs` belong in `.gitea/workflows`, `.forgejo/workflows` or `.github/workflows`.",
      on: "Use `when:` with `event:`.",
      kind: "This is a Drone file; Woodpecker files have `steps` at the top level.",
    },
  },
);
