import { hasErrors, isExpression, SluiceError, type Plan } from "../../model/index.ts";
import type { Compilation, CompileContext, DialectFrontEnd, WorkflowFile } from "../port.ts";
import { entryOf } from "../yaml/index.ts";
import { forgeEnv, githubContext, jobContext, systemEnv } from "./context.ts";
import { readInputs, type Inputs } from "./inputs.ts";
import { isActionsFile } from "./path.ts";
import { runNameOf } from "./run-name.ts";
import { schedulesOf, triggersOf, whySkipped } from "./trigger.ts";
import { readWorkflow, type Workflow } from "./workflow.ts";

/** GitHub Actions, as on GitHub, Gitea and Forgejo. */
export const actions: DialectFrontEnd = {
  owns: isActionsFile,

  compile(file, context, work) {
    const { workflow, diagnostics } = readWorkflow(file);
    if (workflow === undefined) return { file: file.path, diagnostics };
    const skipped = whyOtherWorkflow(file, workflow, context) ?? whySkipped(workflow.on, context.event, work);
    if (skipped !== undefined) return { file: file.path, diagnostics, skipped };
    const inputs = readInputs(workflow.document, workflow.on, context.event);
    const all = [...diagnostics, ...inputs.diagnostics];
    return hasErrors(all)
      ? { file: file.path, diagnostics: all }
      : planned(file, workflow, context, { ...inputs, diagnostics: all });
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

/** An event can name the one workflow that it starts: by path, file name, or name. */
function whyOtherWorkflow(file: WorkflowFile, workflow: Workflow, { event }: CompileContext): string | undefined {
  const wanted = event.workflow;
  if (wanted === undefined) return undefined;
  const fileName = file.path.replace(/^.*\//s, "");
  const names = [file.path, fileName, fileName.replace(/\.ya?ml$/, ""), workflow.name];
  return names.includes(wanted) ? undefined : `only ${wanted} was requested`;
}

function planned(file: WorkflowFile, workflow: Workflow, context: CompileContext, inputs: Inputs): Compilation {
  const { diagnostics } = inputs;
  try {
    return { file: file.path, diagnostics, plan: planOf(file, workflow, context, inputs) };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const key = entryOf(workflow.document.root, "run-name")?.keyNode ?? workflow.document.root;
    return {
      file: file.path,
      diagnostics: [
        ...diagnostics,
        workflow.document.diagnostic(key, { code: "workflow-expression", message: `\`run-name\`: ${error.message}` }),
      ],
    };
  }
}

/**
 * @throws SluiceError if `run-name` cannot be evaluated: the only text evaluated here, because it is shown before
 * anything runs.
 */
function planOf(file: WorkflowFile, workflow: Workflow, context: CompileContext, inputs: Inputs): Plan {
  const { name, env, concurrency, permissions, jobs } = workflow;
  const github = githubContext({ path: file.path, name }, context, inputs.texts);
  const contexts = { github, inputs: inputs.typed, vars: context.vars, job: jobContext(file.path, github) };
  return {
    version: 1,
    dialect: "actions",
    workflow: file.path,
    name,
    runName: runNameOf(workflow, context.event, contexts),
    source: { path: file.path, sha: context.event.sha },
    needs: [],
    env: isExpression(env) ? env : { ...forgeEnv(file.path), ...context.env, ...env },
    systemEnv: systemEnv(github),
    contexts,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(permissions === undefined ? {} : { permissions }),
    jobs,
  };
}
