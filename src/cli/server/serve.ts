import { loadConfig } from "../../config/index.ts";
import { expectBuffers } from "../../runner/index.ts";
import { startServer, untilStopped } from "../../server/index.ts";
import type { ServerOptions } from "../server.ts";
import { returnStartMemory } from "./start-memory.ts";

/** Runs the server until a signal stops it. Command line options override the configuration. */
export async function serve(options: ServerOptions): Promise<void> {
  const { config: file, ...overrides } = options;
  const config = await loadConfig(file, overrides);
  const server = await startServer(config);
  process.stdout.write(`Sluice listens on ${server.url} and keeps its data in ${config.data}\n`);
  if (server.firstToken !== undefined) {
    process.stdout.write(
      `\n  Admin token, shown this once: ${server.firstToken}\n  Use it as the password for git pushes: git push ${server.url}/git/<name>.git\n\n`,
    );
  }
  if (server.jobUser !== undefined) process.stdout.write(`Jobs run as ${server.jobUser}.\n`);
  if (server.runnerWarning !== undefined) process.stderr.write(`warning: ${server.runnerWarning}\n`);
  // A sign-in link belongs on a screen, not in a service's journal.
  if (process.stdout.isTTY)
    process.stdout.write(`Open this link to sign in (valid for 15 minutes): ${await server.signInUrl()}\n`);
  expectBuffers();
  returnStartMemory();
  const stopped = untilStopped(server, (signal) =>
    process.stderr.write(`${signal}: stopping; repeat to stop at once\n`),
  );
  const lost = await Promise.race([server.lost, stopped.then(() => undefined)]);
  if (lost === undefined) return;
  await server.close();
  throw lost;
}
