import { jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { isJsonObject, type Json, type JsonObject } from "../../model/index.ts";

type TransformObject = typeof jsonSchemaTransformObject;

/**
 * Completes the generated document: every operation can return a problem, a response without content has none, and
 * unreferenced schemas (each has a twin for its input) are removed.
 */
export const finishDocument: TransformObject = (made) => {
  const document: JsonObject = JSON.parse(JSON.stringify(jsonSchemaTransformObject(made)));
  const paths = mapValues(document["paths"], (path) => mapValues(path, finishOperation));
  const components = isJsonObject(document["components"]) ? document["components"] : {};
  const schemas = isJsonObject(components["schemas"]) ? components["schemas"] : {};
  return Object.assign(JSON.parse("{}"), document, {
    paths,
    components: { ...components, schemas: referred(schemas, paths) },
  });
};

const problem: JsonObject = {
  description: "What went wrong, and what to do",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function finishOperation(operation: Json): Json {
  if (!isJsonObject(operation)) return operation;
  const responses = isJsonObject(operation["responses"]) ? operation["responses"] : {};
  const plain = Object.entries(responses).map(([status, response]) => [
    status,
    status === "204" ? { description: "Done" } : withDescription(response),
  ]);
  return { ...operation, responses: { ...Object.fromEntries(plain), default: problem } };
}

function withDescription(response: Json): Json {
  return isJsonObject(response) && response["description"] === "Default Response"
    ? { ...response, description: "Success" }
    : response;
}

/** The schemas that the paths refer to, directly or through other schemas. */
function referred(schemas: JsonObject, paths: Json): JsonObject {
  const names = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([A-Za-z0-9]+)"/g)) {
      if (names.has(name)) continue;
      names.add(name);
      visit(JSON.stringify(schemas[name] ?? null));
    }
  };
  visit(JSON.stringify(paths));
  // The data of live events is JSON inside a text stream, which a path cannot refer to.
  visit('"#/components/schemas/LiveEvent"');
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => names.has(name)));
}

function mapValues(value: Json | undefined, change: (value: Json) => Json): JsonObject {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)])) : {};
}
