/** The server's configuration: `sluice.yaml`, its schema, and how it is loaded; and what a runner is when nobody says. */
export { defaultCapacity, defaultLabels } from "./labels.ts";
export { loadConfig } from "./load.ts";
export { configJsonSchema, configSchema, type Config, type Listen } from "./schema.ts";
