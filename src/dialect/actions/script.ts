import { findExpressions, isProblem } from "../../expression/index.ts";
import type { YamlScalar } from "../yaml/index.ts";
import { expressionSpan, offsetInFile } from "./place.ts";
import type { Values } from "./values.ts";

/** Warns about dangerous or deprecated parts of a script: once per value and per command. */
export function checkScript(values: Values, node: YamlScalar): void {
  const script = typeof node.value === "string" ? node.value : "";
  const parts = findExpressions(script);
  const seen = new Set<string>();
  if (!isProblem(parts)) {
    for (const part of parts) {
      const path = untrustedPath(part.expression);
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      values.report(expressionSpan(values.document, node, part.start), {
        code: "workflow-injection",
        severity: "warning",
        message: `Anyone can choose the text of \`${path}\`, and it becomes part of the script here.`,
        help: `Pass it to the step with \`env: { VALUE: "\${{ ${part.expression.slice(0, 100)} }}" }\` and write "$VALUE" in the script.`,
      });
    }
  }
  for (const match of script.matchAll(/::(set-output|save-state|set-env|add-path)(?=\s|::)/g)) {
    const [written, command = ""] = match;
    if (seen.has(command)) continue;
    seen.add(command);
    const start = offsetInFile(values.document, node, match.index);
    values.report(
      { start, end: Math.min(start + written.length, node.end) },
      {
        code: "workflow-deprecated",
        severity: "warning",
        message: `The command \`${command}\` is deprecated.`,
        help: `Write to the file \`$${replacements[command] ?? "GITHUB_OUTPUT"}\` instead.`,
      },
    );
  }
}

const replacements: Readonly<Record<string, string>> = {
  "set-output": "GITHUB_OUTPUT",
  "save-state": "GITHUB_STATE",
  "set-env": "GITHUB_ENV",
  "add-path": "GITHUB_PATH",
};

/**
 * Values of the `github` context chosen by whoever opens an issue or pull request, comments or commits:
 * https://docs.github.com/actions/concepts/security/script-injections, and the research it builds on.
 */
const untrusted = [
  "head_ref",
  "event\\.(issue|pull_request|discussion)\\.(title|body)",
  "event\\.(comment|review|review_comment)\\.body",
  "event\\.pull_request\\.head\\.(ref|label|repo\\.(default_branch|description|homepage))",
  "event\\.pages\\.\\*\\.page_name",
  "event\\.(commits\\.\\*|head_commit)\\.(message|(author|committer)\\.(name|email))",
  "event\\.workflow_run\\.(head_branch|display_title|head_commit\\.(message|(author|committer)\\.(name|email))|pull_requests\\.\\*\\.head\\.ref)",
].join("|");
const untrustedPattern = new RegExp(`\\b(?:github|gitea|forgejo)\\.(?:${untrusted})(?![\\w.-])(?!\\s*[=!]=)`);

/** The untrusted value whose text the expression yields; undefined if it is only compared or searched. */
function untrustedPath(expression: string): string | undefined {
  const plain = expression
    .replaceAll(/\[\s*'([^']*)'\s*\]/g, ".$1")
    .replaceAll(/\[[^\]]*\]/g, ".*")
    .toLowerCase()
    .replaceAll(/[=!]=\s*[\w.*-]+/g, "")
    .replaceAll(/\b(contains|startswith|endswith)\([^()]*\)/g, "");
  return untrustedPattern.exec(plain)?.[0];
}
