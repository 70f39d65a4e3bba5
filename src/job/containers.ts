import {
  evaluateTemplate,
  evaluateText,
  textOf,
  type Contexts,
  type ExpressionFunctions,
} from "../expression/index.ts";
import {
  isJsonObject,
  type Container as PlannedContainer,
  type JobPlan,
  type Json,
  type Template,
  type Text,
} from "../model/index.ts";
import type { Container } from "./backend/port.ts";
import { evaluateVariables } from "./variables.ts";

/** A container of the plan, fully evaluated; undefined if its image is empty, which means none, as on GitHub. */
export function evaluateContainer(
  { image, env, options, ports, volumes, credentials }: PlannedContainer,
  contexts: Contexts,
  functions: ExpressionFunctions,
): Container | undefined {
  const reference = evaluateText(image, contexts, functions).trim();
  if (reference === "") return undefined;
  const account = credentials === undefined ? undefined : evaluateTemplate(credentials, contexts, functions);
  return {
    image: reference,
    env: evaluateVariables(env, contexts, functions, {}),
    ...(options === undefined ? {} : { options: evaluateText(options, contexts, functions) }),
    ports: listOf(ports, contexts, functions),
    volumes: listOf(volumes, contexts, functions),
    ...(isJsonObject(account ?? null) ? { credentials: credentialsOf(account ?? null) } : {}),
  };
}

/** The images that steps and services of a job name without an expression, each once. */
export function literalImages({ steps, services }: JobPlan): readonly string[] {
  const texts = [
    ...services.map((service) => service.image),
    ...steps.map(({ action }) => {
      if (action.type === "container") return action.image;
      return action.type === "uses" ? dockerImage(action.reference) : undefined;
    }),
  ];
  return [...new Set(texts.filter((text): text is string => typeof text === "string" && text !== ""))];
}

function dockerImage(reference: Text): string | undefined {
  return typeof reference === "string" && reference.startsWith("docker://")
    ? reference.slice("docker://".length)
    : undefined;
}

function listOf(template: Template | undefined, contexts: Contexts, functions: ExpressionFunctions): readonly string[] {
  if (template === undefined) return [];
  const value = evaluateTemplate(template, contexts, functions);
  if (Array.isArray(value)) return value.map((item: Json) => textOf(item));
  return value === null || value === "" ? [] : [textOf(value)];
}

function credentialsOf(value: Json): { readonly username: string; readonly password: string } {
  const { username = null, password = null } = isJsonObject(value) ? value : {};
  return { username: textOf(username), password: textOf(password) };
}
