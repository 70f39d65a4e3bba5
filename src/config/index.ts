/** The server's configuration: `sluice.yaml`, its schema and loading, and the defaults of a runner. */
export { defaultCapacity, defaultLabels } from "./labels.ts";
export { loadConfig } from "./load.ts";
export { configJsonSchema, configSchema, type Config, type Listen } from "./schema.ts";
