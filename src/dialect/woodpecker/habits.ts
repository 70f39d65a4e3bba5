import { unknownText, type Issue } from "../shape/index.ts";
import type { Spanned } from "../yaml/index.ts";
import type { Container, Workflow } from "./workflow.ts";

/*
 * Warnings about files that run but should be written differently: those of Woodpecker's own linter
 * (https://woodpecker-ci.org/docs/usage/linter).
 */

function warning(span: Spanned, code: Issue["code"], message: string, help: string): Issue {
  return { span, tolerated: true, severity: "warning", code, message, help };
}

/** Steps that start on every event, including those of future versions: each `when` should list its events. */
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
        `This condition of \`${step.name}\` matches every event.`,
        "List the events in every condition: `event: push`.",
      ),
    ];
  });
}

/** The images that used to run privileged by default. */
const oncePrivileged = new Set(["plugins/docker", "plugins/gcr", "plugins/ecr", "woodpeckerci/plugin-docker-buildx"]);
const clonePlugins = new Set(["woodpeckerci/plugin-git", "quay.io/woodpeckerci/plugin-git"]);

/** An image's name without its tag or digest, and without the default registry. */
function nameOf(image: string): string {
  return image
    .replace(/@.*$/s, "")
    .replace(/:[^/:]*$/, "")
    .replace(/^(?:index\.)?docker\.io\//, "");
}

function imageOf(container: Container): Spanned {
  return container.keys.get("image") ?? container.span;
}

/** Images that do less than their authors may think. */
export function images(workflow: Workflow): readonly Issue[] {
  const cloning = (workflow.clone ?? [])
    .filter(({ image }) => image !== "" && !image.includes(unknownText) && !clonePlugins.has(nameOf(image)))
    .map((container) =>
      warning(
        imageOf(container),
        "workflow-unsupported",
        `\`${container.image}\` is not the clone plugin, so it does not get the repository's credentials.`,
        "Use `woodpeckerci/plugin-git`, or give it its own secret.",
      ),
    );
  const unprivileged = [...(workflow.clone ?? []), ...workflow.steps, ...workflow.services]
    .filter(({ image, privileged }) => !privileged && oncePrivileged.has(nameOf(image)))
    .map((container) =>
      warning(
        imageOf(container),
        "workflow-deprecated",
        `\`${container.image}\` no longer runs privileged by default.`,
        "If it must, write `privileged: true`, or build without a Docker daemon.",
      ),
    );
  return [...cloning, ...unprivileged];
}

/** Deprecated variables and their replacements. */
const replaced: Readonly<Record<string, string>> = {
  CI_COMMIT_PRERELEASE: "CI_PIPELINE_RELEASE_PRE",
  CI_COMMIT_AUTHOR_AVATAR: "CI_PIPELINE_AVATAR",
  CI_PREV_COMMIT_AUTHOR_AVATAR: "CI_PREV_PIPELINE_AVATAR",
};
const reference = new RegExp(
  String.raw`\$\$?(?:\{(${Object.keys(replaced).join("|")})\b|(${Object.keys(replaced).join("|")})\b)`,
  "g",
);

/** Variables that Woodpecker is about to remove, wherever the text uses them; spans are in the file's own text. */
export function deprecatedVariables(text: string): readonly Issue[] {
  return [...text.matchAll(reference)].map((match) => {
    const name = match[1] ?? match[2] ?? "";
    const start = match.index + match[0].length - name.length;
    return warning(
      { start, end: start + name.length },
      "workflow-deprecated",
      `\`${name}\` is deprecated.`,
      `Use \`${replaced[name]}\`.`,
    );
  });
}
