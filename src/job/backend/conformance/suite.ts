import { afterEach, beforeEach, describe, it } from "vitest";
import type { Backend, Capabilities, Environment, StepStart } from "../port.ts";
import { archiveCases } from "./archives.ts";
import type { Case, Running } from "./case.ts";
import { fileCases } from "./files.ts";
import { lifeCases } from "./life.ts";
import { programCases } from "./programs.ts";
import { serviceCases } from "./services.ts";

export interface Subject {
  readonly name: string;
  load(): Promise<Backend>;
  /** An image with a shell; needed for the capability `images`. */
  readonly image?: string;
}

/**
 * Checks one backend against the port's contract. A new adapter calls this in its own test file. A case that needs
 * something the backend cannot do is skipped with that reason.
 */
export function describeBackend({ name, load, image = "alpine" }: Subject): void {
  describe(`the ${name} backend`, () => {
    let backend: Backend;
    let opened: Environment[] = [];
    const open = async (): Promise<Environment> => {
      const environment = await backend.open({
        name: "build",
        repository: "owner/name",
        images: [],
        log: () => undefined,
        signal: new AbortController().signal,
      });
      opened.push(environment);
      return environment;
    };
    beforeEach(async () => {
      backend = await load();
      opened = [];
    });
    afterEach(async () => {
      for (const environment of opened) await environment.close();
    });
    for (const { what, needs = {}, check } of [
      ...lifeCases,
      ...fileCases,
      ...archiveCases,
      ...programCases,
      ...serviceCases,
    ])
      it(what, async ({ skip }) => {
        const reason = obstacle(backend, needs);
        if (reason !== undefined) skip(reason);
        const environment = await open();
        await check({ backend, environment, open, image, script: (...args) => startScript(environment, ...args) });
      });
  });
}

function obstacle({ name, capabilities }: Backend, needs: NonNullable<Case["needs"]>): string | undefined {
  for (const key of Object.keys(capabilities) as (keyof Capabilities)[]) {
    const needed = needs[key];
    if (needed !== undefined && needed !== capabilities[key])
      return `the ${name} backend ${capabilities[key] ? "has" : "lacks"} the capability \`${key}\``;
  }
  return undefined;
}

async function startScript(environment: Environment, text: string, more: Partial<StepStart> = {}): Promise<Running> {
  const { folders, variables } = environment;
  const pieces: Buffer[] = [];
  const program = (await environment.find(["sh"], variables["PATH"] ?? "")) ?? "/bin/sh";
  const { exit } = await environment.start({
    description: { kind: "commands", name: "a step", lines: [text] },
    program,
    args: ["-c", text],
    cwd: folders.workspace,
    env: variables,
    output: (bytes) => void pieces.push(Buffer.from(bytes)),
    signal: new AbortController().signal,
    graceMs: 5_000,
    ...more,
  });
  return { exit, output: () => Buffer.concat(pieces).toString() };
}
