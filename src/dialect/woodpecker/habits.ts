import { unknownText, type Issue } from "../shape/index.ts";
import type { Spanned } from "../yaml/index.ts";
import type { Container, Workflow } from "./workflow.ts";

/*
 * What runs, and had better be written otherwise: the warnings of Woodpecker's own linter
 * (https://woodpecker-ci.org/docs/usage/linter).
 */

function warning(span: Spanned, code: Issue["code"], message: string, help: string): Issue {
  return { span, tolerated: true, severity: "warning", code, message, help };
}

/** Steps that start on every event, those included that come with the next version: each `when` should name its events. */
export function eventFilters({ when, steps }: Workflow): readonly Issue[] {
  if (when.length > 0 && when.every(({ event }) => event.include.length > 0)) return [];
  return steps.flatMap((step): readonly Issue[] => {
    if (step.when.length === 0)
      return [
        warning(
          step.span,
          "workflow-events",
          `\`${step.name}\` starts on every event.`,
          "Add `when:` with an `event:` to the step, or to the whole file.",
        ),
      ];
    const open = step.when.find(({ event }) => event.include.length === 0);
    if (open === undefined) return [];
    return [
      warning(
        open.span,
        "workflow-events",
        `This condition of \`${step.name}\` holds on every event.`,
        "Name the events in every condition: `event: push`.",
      ),
    ];
  });
}

/** The images that once ran privileged without being told to. */
const oncePrivileged = new Set(["plugins/docker", "plugins/gcr", "plugins/ecr", "woodpeckerci/plugin-docker-buildx"]);
const clonePlugins = new Set(["woodpeckerci/plugin-git", "quay.io/woodpeckerci/plugin-git"]);

/** An image's name without its tag or digest, and without the registry that is the default. */
function nameOf(image: string): string {
  return image
    .replace(/@.*$/s, "")
    .replace(/:[^/:]*$/, "")
    .replace(/^(?:index\.)?docker\.io\//, "");
}

function imageOf(container: Container): Spanned {
  return container.keys.get("image") ?? container.span;
}

/** Images that mean less than their authors think. */
export function images(workflow: Workflow): readonly Issue[] {
  const cloning = (workflow.clone ?? [])
    .filter(({ image }) => image !== "" && !image.includes(unknownText) && !clonePlugins.has(nameOf(image)))
    .map((container) =>
      warning(
        imageOf(container),
        "workflow-unsupported",
        `\`${container.image}\` is not the clone plugin, so it is not given the credentials for the repository.`,
        "Use `woodpeckerci/plugin-git`, or give it a secret of its own.",
      ),
    );
  const unprivileged = [...(workflow.clone ?? []), ...workflow.steps, ...workflow.services]
    .filter(({ image, privileged }) => !privileged && oncePrivileged.has(nameOf(image)))
    .map((container) =>
      warning(
        imageOf(container),
        "workflow-deprecated",
        `\`${container.image}\` does not run privileged by itself any more.`,
        "Where it must, write `privileged: true`, or build without a Docker daemon.",
      ),
    );
  return [...cloning, ...unprivileged];
}

/** Variables that go, and what takes their place. */
const replaced: Readonly<Record<string, string>> = {
  CI_COMMIT_PRERELEASE: "CI_PIPELINE_RELEASE_PRE",
  CI_COMMIT_AUTHOR_AVATAR: "CI_PIPELINE_AVATAR",
  CI_PREV_COMMIT_AUTHOR_AVATAR: "CI_PREV_PIPELINE_AVATAR",
};
const reference = new RegExp(
  String.raw`\$\$?(?:\{(${Object.keys(replaced).join("|")})\b|(${Object.keys(replaced).join("|")})\b)`,
  "g",
);

/** Variables that Woodpecker is about to drop, wherever the text names them; spans are of the file's own text. */
export function deprecatedVariables(text: string): readonly Issue[] {
  return [...text.matchAll(reference)].map((match) => {
    const name = match[1] ?? match[2] ?? "";
    const start = match.index + match[0].length - name.length;
    return warning(
      { start, end: start + name.length },
      "workflow-deprecated",
      `\`${name}\` is on its way out.`,
      `Use \`${replaced[name]}\`.`,
    );
  });
}
