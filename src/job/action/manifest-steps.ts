import * as z from "zod";
import { SluiceError, type Environment as Variables, type StepPlan, type Text } from "../../model/index.ts";
import { bare, scalar, textOf, texts } from "./manifest-texts.ts";

/** A step of a composite action, as its file has it. */
export const stepSchema = z.object({
  id: z.string().optional(),
  name: scalar.optional(),
  if: scalar.optional(),
  env: z.union([z.string(), texts]).optional(),
  run: scalar.optional(),
  shell: scalar.optional(),
  "working-directory": scalar.optional(),
  uses: z.string().optional(),
  with: texts.optional(),
  "continue-on-error": scalar.optional(),
  /** Rejected: it would be waited for, and might never end. */
  background: z.unknown().optional(),
});

/** The step as a plan has it. @throws SluiceError `workflow-schema`, `workflow-expression`. */
export function stepOf(step: z.infer<typeof stepSchema>, index: number, file: string): StepPlan {
  if (step.background !== undefined)
    throw new SluiceError(
      "workflow-schema",
      `${file}: step ${index + 1} has \`background\`, which is not allowed in an action.`,
      { help: "Run the step that uses the action in the background instead." },
    );
  const at = (text: string): Text => textOf(text, file);
  return {
    id: step.id ?? `__${index + 1}`,
    ...(step.name === undefined ? {} : { name: at(step.name) }),
    ...(step.if === undefined ? {} : { if: { $expr: bare(step.if, file) } }),
    env: environmentOf(step.env, file),
    ...(step["continue-on-error"] === undefined ? {} : { continueOnError: flagOf(step["continue-on-error"], file) }),
    action: actionOf(step, index, file),
  };
}

function actionOf(step: z.infer<typeof stepSchema>, index: number, file: string): StepPlan["action"] {
  const at = (text: string): Text => textOf(text, file);
  if (step.uses !== undefined && step.run === undefined) {
    return {
      type: "uses",
      reference: step.uses,
      with: Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, at(value)])),
    };
  }
  if (step.run === undefined || step.uses !== undefined)
    throw new SluiceError("workflow-schema", `${file}: step ${index + 1} needs either \`run\` or \`uses\`.`);
  if (step.shell === undefined)
    throw new SluiceError(
      "workflow-schema",
      `${file}: step ${index + 1} has \`run\` but no \`shell\`, which actions must set.`,
      { help: "Add `shell: bash`." },
    );
  return {
    type: "run",
    script: at(step.run),
    shell: at(step.shell),
    ...(step["working-directory"] === undefined ? {} : { workingDirectory: at(step["working-directory"]) }),
  };
}

function environmentOf(env: string | Record<string, string> | undefined, file: string): Variables {
  if (env === undefined) return {};
  if (typeof env === "string") return { $expr: bare(env, file) };
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, textOf(value, file)]));
}

function flagOf(text: string, file: string): boolean | { readonly $expr: string } {
  return text === "true" || text === "false" ? text === "true" : { $expr: bare(text, file) };
}
