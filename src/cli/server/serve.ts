import { loadConfig } from "../../config/index.ts";
import { startServer, untilStopped } from "../../server/index.ts";
import type { ServerOptions } from "../server.ts";

/** Runs the server until a signal ends it. Options of the command line win over the configuration. */
export async function serve(options: ServerOptions): Promise<void> {
  const { config: file, ...overrides } = options;
  const config = await loadConfig(file, overrides);
  const server = await startServer(config);
  process.stdout.write(`Sluice listens on ${server.url} and keeps its data in ${config.data}\n`);
  if (server.firstToken !== undefined) {
    process.stdout.write(
      `\n  Admin token, shown this once: ${server.firstToken}\n  It is also the password of git pushes: git push ${server.url}/git/<name>.git\n\n`,
    );
  }
  if (server.jobUser !== undefined) process.stdout.write(`Jobs run as ${server.jobUser}.\n`);
  if (server.runnerWarning !== undefined) process.stderr.write(`warning: ${server.runnerWarning}\n`);
  // A link that signs in belongs on a screen, not into the journal of a service.
  if (process.stdout.isTTY)
    process.stdout.write(`Open the page, signed in, within 15 minutes: ${await server.signInUrl()}\n`);
  const stopped = untilStopped(server, (signal) =>
    process.stderr.write(`${signal}: stopping; again to stop at once\n`),
  );
  const lost = await Promise.race([server.lost, stopped.then(() => undefined)]);
  if (lost === undefined) return;
  await server.close();
  throw lost;
}
