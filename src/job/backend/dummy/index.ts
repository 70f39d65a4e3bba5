import {
  type Backend,
  type Environment,
  type ServiceStart,
  type Started,
  type StartedService,
  type StepStart,
} from "../port.ts";
import { MemoryFiles } from "./memory.ts";
import { play } from "./play.ts";

const capabilities: Backend["capabilities"] = { executes: false, images: true, services: true, thisMachine: false };

const folder = "/sluice";

/** Executes nothing: steps and services end as their variables say. For trying out workflows, and for their tests. */
export function dummyBackend(): Backend {
  return {
    name: "dummy",
    capabilities,
    prepare: () => undefined,
    open: async () => new DummyEnvironment(),
    sweep: async () => [],
  };
}

class DummyEnvironment extends MemoryFiles implements Environment {
  readonly capabilities = capabilities;
  readonly folders = {
    workspace: `${folder}/workspace`,
    job: folder,
    plain: folder,
    temp: `${folder}/temp`,
    tools: `${folder}/tools`,
    home: "/root",
  };
  readonly system = { os: "Linux", arch: "X64", platform: "linux/amd64" };
  readonly variables = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/root" };
  readonly #stopped = new AbortController();

  async find(): Promise<undefined> {
    return undefined;
  }

  async tool(): Promise<undefined> {
    return undefined;
  }

  start({ description, env, signal, output }: StepStart): Promise<Started> {
    return play({ description, env, signal: this.#ended(signal), output });
  }

  async startService({ id, container, commands = [], signal, output }: ServiceStart): Promise<StartedService> {
    const description = { kind: "service", name: id, lines: commands } as const;
    const started = await play({ description, env: container.env, signal: this.#ended(signal), output });
    return { ...started, context: {} };
  }

  async buildImage(): Promise<string> {
    return "dummy";
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
  }

  async close(): Promise<void> {
    await this.stop();
  }

  #ended(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#stopped.signal]);
  }
}
