import { hostBackend } from "./host/index.ts";
import type { BackendOptions } from "./options.ts";
import type { Backend } from "./port.ts";

/** The backends by name. All but the host, which nearly everyone uses, load on first use. */
const backends = {
  host: async () => hostBackend,
  dummy: async () => (await import("./dummy/index.ts")).dummyBackend,
} satisfies Record<string, () => Promise<(options: BackendOptions) => Backend>>;

export type BackendName = keyof typeof backends;

/** Creates the backend with that name, ready for use. */
export async function loadBackend(name: BackendName, options: BackendOptions): Promise<Backend> {
  const make = await backends[name]();
  return make(options);
}

/** The names of all backends. */
export const backendNames = Object.keys(backends) as readonly BackendName[];

/** Whether it is the name of a backend. */
export function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(backends, name);
}
