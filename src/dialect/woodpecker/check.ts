import { checkCron } from "../schedule-check.ts";
import type { Issue, Report } from "../shape/index.ts";
import type { Spanned } from "../yaml/index.ts";
import { ConditionProblem, readCondition } from "./evaluate/index.ts";
import { badSecrets } from "./values.ts";
import { cronLinesOf } from "./schedules.ts";
import type { Condition, Filter } from "./when.ts";
import type { Container, Workflow } from "./workflow.ts";

/** Rules that the shapes of single keys cannot express: which keys go together, and whether conditions are valid. */
export function checkWorkflow(workflow: Workflow, text: string, report: Report): void {
  for (const { pattern, span } of cronLinesOf(workflow)) {
    const found = checkCron(text, span, pattern);
    // Woodpecker accepts any text as the name of a schedule.
    if (found !== undefined) report({ ...found, tolerated: true });
  }
  checkConditions(workflow.when, report);
  for (const container of [...(workflow.clone ?? []), ...workflow.steps, ...workflow.services]) {
    checkConditions(container.when, report);
    checkPlugin(container, report);
    for (const { value } of [...container.environment, ...container.settings]) {
      for (const span of badSecrets(value))
        report(issue(span, "`from_secret` must name a secret.", { help: "Write `from_secret: name`." }));
    }
  }
  checkServiceNames(workflow.services, report);
}

function issue(span: Spanned, message: string, more: Partial<Issue> = {}): Issue {
  return { span, tolerated: false, code: "workflow-schema", message, ...more };
}

/**
 * A plugin is configured only by its `settings`; commands beside them would never run, or the settings would never be
 * read.
 */
function checkPlugin(container: Container, report: Report): void {
  const { keys, name } = container;
  const at = (key: string): Spanned => keys.get(key) ?? container.span;
  const help = "Remove `settings`, or move the rest into a separate step.";
  if (container.image === "" && keys.has("image")) report(issue(at("image"), `The step \`${name}\` has no \`image\`.`));
  if (keys.has("settings")) {
    const commands = (["commands", "entrypoint"] as const).filter((key) => keys.has(key));
    for (const key of commands)
      report(
        issue(at(key), `\`${name}\` has both \`settings\` and \`${key}\`: a plugin takes only settings.`, {
          help,
          tolerated: container.settings.length === 0 || container[key].length === 0,
        }),
      );
    const others = ["environment", "dns", "dns_search"].filter((key) => keys.has(key));
    for (const key of others)
      report(
        issue(at(key), `\`${name}\` has both \`settings\` and \`${key}\`: a plugin takes only settings.`, {
          help,
          tolerated: true,
        }),
      );
    if (container.failure === "cancel")
      report(
        issue(at("failure"), `\`failure: cancel\` does not work for plugins.`, {
          tolerated: true,
          help: "Use `fail` or `ignore`.",
        }),
      );
  } else if (
    keys.has("detach") &&
    !container.detach &&
    keys.has("environment") &&
    container.commands.length + container.entrypoint.length === 0
  ) {
    report(
      issue(container.span, `\`${name}\` has neither \`commands\` nor \`entrypoint\`.`, {
        tolerated: true,
        help: "Add `commands:`, or `settings:` for a plugin.",
      }),
    );
  }
}

/** Two services with the same name would share a host name. */
function checkServiceNames(services: readonly Container[], report: Report): void {
  const seen = new Set<string>();
  for (const { name, span } of services) {
    if (seen.has(name))
      report(
        issue(span, `Two services are called \`${name}\`; steps reach a service by its name.`, {
          help: "Give one of them another name.",
        }),
      );
    seen.add(name);
  }
}

function checkConditions(when: readonly Condition[], report: Report): void {
  for (const condition of when) {
    const { repo, branch, ref, tag, cron, platform, instance, path, evaluate } = condition;
    for (const filter of [repo, branch, ref, tag, cron, platform, instance, path]) checkPatterns(filter, report);
    if (evaluate === undefined) continue;
    try {
      readCondition(evaluate.source);
    } catch (error) {
      if (!(error instanceof ConditionProblem)) throw error;
      report(
        issue(evaluate.span, `Invalid condition: ${error.message}.`, {
          code: "workflow-expression",
          help: "Supported: and, or, not, comparisons, in, contains, startsWith, endsWith, matches, + - * / %, strings, lists, variables, $env, and functions such as len, lower, split, int, any.",
        }),
      );
    }
  }
}

function checkPatterns({ include, exclude }: Filter, report: Report): void {
  for (const { pattern, span, glob } of [...include, ...exclude]) {
    if (glob !== undefined) continue;
    report(
      issue(span, `\`${pattern.slice(0, 60)}\` is not a pattern, so it matches nothing.`, {
        severity: "warning",
        help: "Close every `[` and `{`, or put `\\` before literal ones.",
      }),
    );
  }
}
