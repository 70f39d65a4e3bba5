/** The server's configuration: `sluice.yaml`, its schema, and how it is loaded. */
export { configFile, loadConfig, parseConfig } from "./load.ts";
export { defaultCapacity, defaultLabels } from "./labels.ts";
export { configReference } from "./reference.ts";
export { configJsonSchema, configSchema, listenSchema, type Config, type Listen } from "./schema.ts";
