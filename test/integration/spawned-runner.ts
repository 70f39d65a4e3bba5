import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Starts `sluice runner` as a process of its own, from the source. */
export async function spawnRunner(options: {
  readonly server: string;
  readonly token: string;
  readonly work: string;
}): Promise<AsyncDisposable & { stop(): Promise<number | null> }> {
  const child = spawn(
    process.execPath,
    [main, "runner", "--server", options.server, "--work", options.work, "--capacity", "1"],
    {
      env: { PATH: process.env["PATH"], SLUICE_TOKEN: options.token },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const exited = once(child, "exit");
  return {
    async stop() {
      child.kill("SIGTERM");
      await exited;
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
