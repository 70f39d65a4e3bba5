import { hasErrors, type Plan } from "../../model/index.ts";
import type { CompileContext, DialectFrontEnd, WorkflowFile } from "../port.ts";
import { githubContext, systemEnv } from "./context.ts";
import { readInputs, type Inputs } from "./inputs.ts";
import { schedulesOf, triggersOf, whySkipped } from "./trigger.ts";
import { readWorkflow, type Workflow } from "./workflow.ts";

/** GitHub Actions, as GitHub, Gitea and Forgejo write it. */
export const actions: DialectFrontEnd = {
  owns(path) {
    return /^\.(github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/.test(path);
  },

  compile(file, context) {
    const { workflow, diagnostics } = readWorkflow(file);
    if (workflow === undefined) return { file: file.path, diagnostics };
    const skipped = whyOtherWorkflow(file, workflow, context) ?? whySkipped(workflow.on, context.event);
    if (skipped !== undefined) return { file: file.path, diagnostics, skipped };
    const inputs = readInputs(workflow.document, workflow.on, context.event);
    const all = [...diagnostics, ...inputs.diagnostics];
    return hasErrors(all) ? { file: file.path, diagnostics: all } : { file: file.path, diagnostics: all, plan: planOf(file, workflow, context, inputs) };
  },

  lint(file) {
    return readWorkflow(file).diagnostics;
  },

  schedules(file) {
    const { workflow } = readWorkflow(file);
    if (workflow === undefined) return [];
    return schedulesOf(triggersOf(workflow.on).get("schedule")).map(({ cron, timeZone, node }) => {
      const [line, column] = workflow.document.place(node.start);
      return { cron, timeZone, name: workflow.name, line, column };
    });
  },
};

/** An event may name the one workflow that it starts: by path, file name, or name. */
function whyOtherWorkflow(file: WorkflowFile, workflow: Workflow, { event }: CompileContext): string | undefined {
  const wanted = event.workflow;
  if (wanted === undefined) return undefined;
  const fileName = file.path.replace(/^.*\//s, "");
  const names = [file.path, fileName, fileName.replace(/\.ya?ml$/, ""), workflow.name];
  return names.includes(wanted) ? undefined : `only ${wanted} was asked for`;
}

function planOf(file: WorkflowFile, workflow: Workflow, context: CompileContext, inputs: Inputs): Plan {
  const { name, env, concurrency, permissions, jobs } = workflow;
  const github = githubContext({ path: file.path, name }, context, inputs.texts);
  return {
    version: 1,
    dialect: "actions",
    workflow: file.path,
    name,
    source: { path: file.path, sha: context.event.sha },
    needs: [],
    env,
    systemEnv: systemEnv(github),
    contexts: { github, inputs: inputs.typed, vars: context.vars },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(permissions === undefined ? {} : { permissions }),
    jobs,
  };
}
