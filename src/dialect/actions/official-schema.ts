import {
  MappingToken,
  SequenceToken,
  StringToken,
  BooleanToken,
  type TemplateToken,
} from "@actions/workflow-parser/templates/tokens/index";
import { MappingDefinition } from "@actions/workflow-parser/templates/schema/mapping-definition";
import { TemplateSchema } from "@actions/workflow-parser/templates/schema/index";
// The package does not export the file, and its own loader, which does, validates the schema against a schema of
// schemas: 41 ms at every start of the program, three times the cost of building it.
import document from "../../../node_modules/@actions/workflow-parser/dist/workflow-v1.0.min.json" with { type: "json" };
import { githubAliases } from "../../expression/index.ts";
import type { Json } from "../../model/index.ts";

let schema: TemplateSchema | undefined;

/** GitHub's workflow schema, built at first use, extended by what Gitea's and Forgejo's runners allow. */
export function workflowSchema(): TemplateSchema {
  if (schema === undefined) {
    const root = tokenOf({ ...document, definitions: { ...document.definitions, ...amended } });
    schema = new TemplateSchema(root instanceof MappingToken ? root : undefined);
    for (const name of evaluatedWithStep) schema.getDefinition(name).readerContext.push(...stepContexts);
    for (const definition of Object.values(schema.definitions)) {
      if (definition.readerContext.includes("github")) definition.readerContext.push(...githubAliases);
      // The reader looks keys up by name: `constructor` and `__proto__` are ordinary keys, not inherited properties.
      if (definition instanceof MappingDefinition) Object.setPrototypeOf(definition.properties, null);
    }
  }
  return schema;
}

/** `shell` and the defaults are evaluated together with the step, so they can use the same contexts. */
const evaluatedWithStep = ["shell", "working-directory"];
const stepContexts = ["github", "inputs", "vars", "needs", "strategy", "matrix", "steps", "job", "runner", "env"];

const { definitions } = document;

/**
 * Cases where the published schema is stricter than GitHub itself: it lacks `repository_dispatch` in a list of events,
 * and the properties of a manual event can be empty or unknown (we report those, because they have no effect).
 */
export const amended: Readonly<Record<string, Json>> = {
  "repository-dispatch-string": { string: { constant: "repository_dispatch" } },
  "workflow-dispatch-mapping": {
    mapping: {
      ...definitions["workflow-dispatch-mapping"].mapping,
      "loose-key-type": "non-empty-string",
      "loose-value-type": "any",
    },
  },
  "workflow-dispatch-inputs": { "one-of": ["null", "sluice-inputs"] },
  "sluice-inputs": definitions["workflow-dispatch-inputs"],
  "workflow-dispatch-input": { "one-of": ["null", "sluice-input"] },
  "sluice-input": definitions["workflow-dispatch-input"],
};

/**
 * JSON as the package's tokens. Skips descriptions, which are for editors and half of the file; but among properties,
 * `description` is a name.
 */
function tokenOf(json: Json, isProperties = false): TemplateToken {
  if (typeof json === "boolean") return new BooleanToken(undefined, undefined, json, undefined);
  if (typeof json !== "object" || json === null)
    return new StringToken(undefined, undefined, String(json ?? ""), undefined);
  if (Array.isArray(json)) {
    const sequence = new SequenceToken(undefined, undefined, undefined);
    for (const item of json) sequence.add(tokenOf(item));
    return sequence;
  }
  const mapping = new MappingToken(undefined, undefined, undefined);
  for (const [key, value] of Object.entries(json)) {
    if (key === "description" && typeof value === "string" && !isProperties) continue;
    mapping.add(new StringToken(undefined, undefined, key, undefined), tokenOf(value, key === "properties"));
  }
  return mapping;
}
