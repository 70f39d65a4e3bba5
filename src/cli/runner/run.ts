import { availableParallelism, hostname } from "node:os";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { HttpAccess } from "../../client/index.ts";
import { defaultCapacity, defaultLabels } from "../../config/index.ts";
import { loadBackend, runJob } from "../../job/index.ts";
import { SluiceError, messageOf } from "../../model/index.ts";
import { expectBuffers, httpChannel, registerRunner, startRunner, type RunnerEvent } from "../../runner/index.ts";
import type { RunnerCommandOptions } from "../runner.ts";

const identitySchema = z.object({ server: z.string(), id: z.string(), token: z.string() });

/** Registers the runner if needed, then runs jobs until a signal stops it, or runs one job with --once. */
export async function runRunner(options: RunnerCommandOptions): Promise<void> {
  const work = resolve(options.work);
  await mkdir(work, { recursive: true, mode: 0o700 });
  const backend = await loadBackend(options.backend, { workRoot: work });
  await backend.sweep((message) => process.stderr.write(`${message}\n`));
  const about = {
    name: options.name ?? hostname(),
    labels: options.labels ?? defaultLabels(),
    capacity: options.capacity ?? defaultCapacity(availableParallelism()),
  };
  const access = await identify(join(work, "runner.json"), options, about);
  const runner = startRunner({
    ...about,
    channel: httpChannel(access),
    workRoot: work,
    backend,
    runJob,
    once: options.once === true,
    onEvent: print,
  });
  process.stderr.write(
    `${about.name} takes up to ${about.capacity} jobs from ${access.url}, with the labels ${about.labels.join(", ")}\n`,
  );
  expectBuffers();
  const stop = stopOnSignals(runner);
  try {
    await runner.done;
  } finally {
    stop();
  }
}

/**
 * The runner's own token: read from its work folder (mode 0600) and renewed with the current settings, or else obtained
 * by registering with the given token. Forgets a token that the server has revoked.
 */
async function identify(
  file: string,
  options: RunnerCommandOptions,
  about: { readonly name: string; readonly labels: readonly string[]; readonly capacity: number },
): Promise<Required<HttpAccess>> {
  const url = options.server.replace(/\/+$/, "");
  const given = options.token ?? process.env["SLUICE_TOKEN"];
  const known = await readIdentity(file);
  if (known?.server === url) {
    try {
      await registerRunner({ url, token: known.token }, about);
      return { url, token: known.token };
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      // The server may be down for now; the runner waits for it.
      if (error.code === "unavailable") return { url, token: known.token };
      if (error.code !== "unauthenticated" && error.code !== "not-found") throw error;
      await rm(file, { force: true });
    }
  }
  if (given === undefined)
    throw new SluiceError("call-invalid", `The runner is not registered at ${url} yet.`, {
      help: "Pass --token (or SLUICE_TOKEN) with a token from `sluice token create --role runner`.",
    });
  const { id, token } = await registerRunner({ url, token: given }, about).catch((error: unknown) => {
    throw error instanceof SluiceError && error.code === "unauthenticated"
      ? new SluiceError(error.code, error.message, {
          help: "Check --token or SLUICE_TOKEN. On the server's machine, `sluice token create NAME --role runner` creates a new token.",
        })
      : error;
  });
  await writeFile(file, `${JSON.stringify({ server: url, id, token })}\n`, { mode: 0o600, flush: true });
  return { url, token };
}

async function readIdentity(file: string): Promise<z.infer<typeof identitySchema> | undefined> {
  try {
    return identitySchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // Missing or unreadable: the runner registers again.
    return undefined;
  }
}

/**
 * First signal: finish the running jobs and take no more. Second: abandon them, so the server gives them to another
 * runner.
 */
function stopOnSignals(runner: { stop(how: "finish" | "abandon"): Promise<void> }): () => void {
  let signals = 0;
  const take = (signal: NodeJS.Signals): void => {
    signals += 1;
    process.stderr.write(
      signals === 1 ? `${signal}: finishing running jobs; repeat to abandon them\n` : `${signal}: abandoning\n`,
    );
    void runner.stop(signals === 1 ? "finish" : "abandon");
  };
  process.on("SIGINT", take).on("SIGTERM", take);
  return () => process.off("SIGINT", take).off("SIGTERM", take);
}

function print(event: RunnerEvent): void {
  const time = new Date().toISOString().slice(11, 19);
  process.stderr.write(`${time} ${describe(event)}\n`);
}

function describe(event: RunnerEvent): string {
  switch (event.type) {
    case "job.taken":
      return `took ${event.assignment.repository} #${event.assignment.run.number} ${event.assignment.name}`;
    case "job.finished":
      return `finished ${event.job}`;
    case "job.dropped":
      return `dropped ${event.job}: ${messageOf(event.reason)}`;
    case "call.failed":
      return `${event.job}: ${messageOf(event.error)}; retrying`;
    case "server.away":
      return `cannot reach the server: ${messageOf(event.error)}`;
    case "server.back":
      return "connected to the server again";
  }
}
