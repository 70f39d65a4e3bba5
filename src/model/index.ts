/** The vocabulary: events, plans, states, reports, error codes. Pure types and schemas. */
// All with a star: for a name in braces, esbuild loads the schemas and Zod wherever anything of this room is used.
export * from "./assignment.ts";
export * from "./api.ts";
export * from "./codes.ts";
export * from "./diagnostic.ts";
export * from "./error.ts";
export * from "./escape-sequence.ts";
export * from "./event.ts";
export * from "./exactly.ts";
export * from "./has-errors.ts";
export * from "./id.ts";
export * from "./json-schema.ts";
export * from "./json.ts";
export * from "./limits.ts";
export * from "./nearest.ts";
export * from "./plan-schema.ts";
export * from "./plan.ts";
export * from "./planned-step.ts";
export * from "./ref.ts";
export * from "./retry.ts";
export * from "./state-schema.ts";
export * from "./state.ts";
export * from "./step-name.ts";
export * from "./template.ts";
export * from "./version.ts";
export * from "./wait.ts";
export * from "./workflow-paths.ts";
