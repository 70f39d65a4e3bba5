import type { WorkflowFile } from "../../src/dialect/index.ts";
import type { Forge } from "../../src/forge/index.ts";
import type { Event } from "../../src/model/index.ts";

/** A forge without repositories: its commits hold what a test says. */
export function scriptedForge(
  makeEvent: (more: Partial<Event>) => Event,
  files: (sha: string) => Promise<readonly WorkflowFile[]>,
): Forge {
  return {
    name: "git",
    find: async ({ name }) => ({ remoteId: name, defaultBranch: "main" }),
    activate: async () => undefined,
    deactivate: async () => undefined,
    refs: async () => new Map(),
    resolve: async () => undefined,
    missed: async function* () {},
    close: async () => undefined,
    addresses: ({ name }) => ({ clone: `http://localhost/git/${name}.git`, page: "" }),
    files: async (_repository, sha) => files(sha),
    changedPaths: async () => undefined,
    event: async ({ name, defaultBranch }, start) =>
      makeEvent({
        ref: start.ref,
        sha: start.sha,
        repository: { name, defaultBranch, cloneUrl: "" },
        sender: { login: start.sender ?? "ann" },
        ...(start.kind === "manual"
          ? { kind: "manual", inputs: { ...start.inputs } }
          : { kind: "schedule", schedule: start.cron, timeZone: start.timeZone }),
      }),
    source: async ({ name }, { ref, sha }) => ({
      kind: "git",
      url: `http://localhost/git/${name}.git`,
      sha,
      ref,
      token: "t",
    }),
  };
}
