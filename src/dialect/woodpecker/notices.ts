import type { Issue } from "../shape/index.ts";
import type { Container, Workflow } from "./workflow.ts";

/** Keys that Woodpecker supports and a plan cannot express. They are never ignored silently. */
const notForSteps = ["pull", "backend_options"];
const notForServices = ["pull", "entrypoint", "settings", "directory", "backend_options", "failure"];
/** … and these, which Woodpecker honours only in repositories that an admin trusts with them. */
const forTrusted = ["privileged", "volumes", "devices", "tmpfs", "dns", "dns_search", "extra_hosts", "network_mode"];

/**
 * Warnings about keys without effect here, and about keys that Woodpecker is about to remove. `variables` are the
 * matrix's.
 */
export function notices(workflow: Workflow, variables: ReadonlySet<string>): readonly Issue[] {
  const issues: Issue[] = [];
  const warn = (
    span: Issue["span"],
    message: string,
    help: string,
    code: Issue["code"] = "workflow-unsupported",
  ): void => {
    issues.push({ span, tolerated: true, severity: "warning", code, message, help });
  };
  if (workflow.workspace !== undefined)
    warn(
      workflow.workspace,
      "`workspace` has no effect: every job has its own folder.",
      "Use `CI_WORKSPACE` for its path.",
    );
  if (!variables.has("platform") && !workflow.labels.some(({ key }) => key === "platform")) {
    const asked = [workflow, ...workflow.steps, ...workflow.services].flatMap(({ when }) =>
      when.flatMap(({ platform }) => [...platform.include, ...platform.exclude]),
    );
    for (const { span } of asked)
      warn(
        span,
        "The platform is not known when this is decided; linux/amd64 is assumed.",
        "Set it with `labels:` and `platform: linux/arm64`.",
      );
  }
  for (const container of [...(workflow.clone ?? []), ...workflow.steps]) {
    for (const key of notForSteps) noticeKey(container, key, warn);
    noticeTrust(container, warn);
    const directory = container.keys.get("directory");
    if (directory !== undefined && container.commands.length === 0)
      warn(directory, "`directory` has no effect on a step without `commands`.", "Remove it.");
    const failure = container.keys.get("failure");
    if (failure !== undefined && container.failure === "cancel")
      warn(failure, "`failure: cancel` fails the workflow but does not cancel the others.", "Use `failure: fail`.");
    const environment = container.environment.find(({ span, value }) => span.start === value.start)?.span;
    if (environment !== undefined)
      warn(
        environment,
        "`environment` is a list; Woodpecker only reads mappings.",
        "Write `NAME: value`.",
        "workflow-deprecated",
      );
  }
  for (const service of workflow.services) {
    for (const key of notForServices) noticeKey(service, key, warn);
    noticeTrust(service, warn);
  }
  return issues;
}

type Warn = (span: Issue["span"], message: string, help: string) => void;

function noticeTrust(container: Container, warn: Warn): void {
  for (const key of forTrusted) {
    const span = container.keys.get(key);
    if (span === undefined || (key === "privileged" && !container.privileged)) continue;
    warn(
      span,
      `\`${key}\` of \`${container.name}\` has no effect here.`,
      "Woodpecker honours it only for trusted repositories; remove it if the step does not need it.",
    );
  }
}

function noticeKey(container: Container, key: string, warn: Warn): void {
  const span = container.keys.get(key);
  if (span !== undefined)
    warn(
      span,
      `\`${key}\` of \`${container.name}\` has no effect here.`,
      "Remove it, or run the workflow where it is supported.",
    );
}
