import { didYouMean } from "../../model/index.ts";
import type { Issue } from "../shape/index.ts";
import type { Reference } from "./substitute.ts";

/*
 * Which `CI_*` variables exist, and when: https://woodpecker-ci.org/docs/usage/environment. `${…}` is substituted
 * before anything runs, so variables that only a running step knows are empty there.
 */

/** Variables for `${…}`, as far as the event provides them. */
const filledIn = new Set([
  "CI",
  ...under(
    "CI_REPO",
    " _OWNER _NAME _REMOTE_ID _URL _CLONE_URL _CLONE_SSH_URL _DEFAULT_BRANCH _PRIVATE _TRUSTED _TRUSTED_NETWORK _TRUSTED_VOLUMES _TRUSTED_SECURITY",
  ),
  ...under(
    "CI_COMMIT",
    "_SHA _REF _REFSPEC _BRANCH _SOURCE_BRANCH _TARGET_BRANCH _TAG _MESSAGE _TIMESTAMP _AUTHOR _AUTHOR_EMAIL _AUTHOR_AVATAR _PRERELEASE",
  ),
  ...under("CI_COMMIT_PULL_REQUEST", " _LABELS _MILESTONE _DRAFT"),
  ...under(
    "CI_PIPELINE",
    "_CREATED _STARTED _NUMBER _PARENT _EVENT _EVENT_REASON _URL _FORGE_URL _DEPLOY_TARGET _DEPLOY_TASK _RELEASE_TITLE _RELEASE_PRE _FILES _AUTHOR _AVATAR _RERUNS",
  ),
  ...under("CI_PREV_COMMIT", "_SHA _REF _BRANCH _URL"),
  ...under("CI", "_WORKFLOW_NAME _SYSTEM_NAME _SYSTEM_URL _SYSTEM_HOST _FORGE_TYPE _FORGE_URL"),
]);

/** Variables known to a running step. */
const running = new Set(
  under(
    "CI",
    "_PIPELINE_STATUS _STEP_NAME _STEP_TYPE _STEP_NUMBER _STEP_STARTED _STEP_URL _WORKSPACE _SYSTEM_PLATFORM _SCRIPT",
  ),
);

/** Variables of Woodpecker that are never set here: most of the previous pipeline, and the clone's credentials. */
const missing = new Set([
  ...under("CI", "_SYSTEM_VERSION _WORKFLOW_NUMBER _NETRC_USERNAME _NETRC_PASSWORD _NETRC_MACHINE"),
  ...under(
    "CI_PREV_COMMIT",
    "_REFSPEC _SOURCE_BRANCH _TARGET_BRANCH _MESSAGE _TIMESTAMP _AUTHOR _AUTHOR_EMAIL _AUTHOR_AVATAR",
  ),
  ...under(
    "CI_PREV_PIPELINE",
    "_NUMBER _PARENT _EVENT _EVENT_REASON _URL _FORGE_URL _DEPLOY_TARGET _DEPLOY_TASK _STATUS _CREATED _STARTED _FINISHED _AUTHOR _AVATAR",
  ),
]);

function under(prefix: string, names: string): readonly string[] {
  return names.split(" ").map((name) => prefix + name);
}

/** Reports substitutions that are empty for every event; `given` are the names of the matrix. */
export function emptyReferences(references: readonly Reference[], given: ReadonlySet<string>): readonly Issue[] {
  return references
    .filter(({ name, defaulted }) => name.startsWith("CI_") && !defaulted && !filledIn.has(name) && !given.has(name))
    .map(({ name, start, end }) => ({
      span: { start, end },
      tolerated: true,
      severity: "warning",
      code: "workflow-substitution",
      ...explain(name),
    }));
}

function explain(name: string): { readonly message: string; readonly help: string } {
  if (running.has(name))
    return {
      message: `\`$\{${name}}\` is substituted before the step runs, but only the running step knows \`${name}\`: it is empty.`,
      help: `In a command, write \`$${name}\` or \`$$\{${name}}\`.`,
    };
  if (missing.has(name))
    return {
      message: `\`${name}\` is never set here: it is empty.`,
      help: `Add a default: \`$\{${name}=…}\`.`,
    };
  return {
    message: `Unknown variable \`${name}\`: it is empty.`,
    help: didYouMean(name, filledIn) ?? `Add a default: \`$\{${name}=…}\`.`,
  };
}
