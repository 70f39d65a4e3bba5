/** The vocabulary of the house: events, plans, states, reports, error codes. Pure types and schemas. */
export * from "./assignment.ts";
export * from "./api.ts";
export * from "./codes.ts";
export * from "./diagnostic.ts";
export * from "./error.ts";
export * from "./event.ts";
export * from "./has-errors.ts";
export * from "./id.ts";
export * from "./json.ts";
export * from "./plan.ts";
export * from "./ref.ts";
export * from "./state-schema.ts";
export * from "./state.ts";
export * from "./step-name.ts";
export * from "./template.ts";
export * from "./version.ts";
export * from "./workflow-paths.ts";
