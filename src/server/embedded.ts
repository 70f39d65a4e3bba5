import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defaultCapacity, defaultLabels, type Config } from "../config/index.ts";
import { runJob, sweepWorkRoot } from "../job/index.ts";
import { messageOf } from "../model/index.ts";
import { startRunner, type RunnerEvent } from "../runner/index.ts";
import type { Store } from "../store/index.ts";
import type { Control } from "./control/index.ts";
import type { Logger } from "./log.ts";

export interface EmbeddedRunnerParts {
  readonly config: Config;
  readonly control: Control;
  readonly store: Store;
  readonly logger: Logger;
  /** Folder below which its jobs have theirs. */
  readonly workRoot: string;
}

const name = "embedded";
/** How long a step may take to end after TERM, in milliseconds: half of what the server itself has to end. */
const graceMs = 5000;

/**
 * Starts the runner inside the server: the same code and the same protocol as elsewhere, over a call instead of HTTP.
 * What an earlier process left behind (processes, folders, jobs in its hands) is cleared away first: that process is gone
 * for certain, so nobody has to wait until it counts as silent.
 */
export async function startEmbeddedRunner({ config, control, store, logger, workRoot }: EmbeddedRunnerParts): Promise<{ stop(): Promise<void> }> {
  const labels = config.runner.labels ?? defaultLabels();
  const capacity = config.runner.capacity ?? defaultCapacity(availableParallelism());
  const removed = await sweepWorkRoot(workRoot);
  if (removed.length > 0) logger.info({ folders: removed.length }, "removed what jobs of an earlier process left behind");
  const id = await register({ file: join(config.data, "embedded-runner.id"), control, store, labels, capacity });
  await control.releaseRunner(id);
  const runner = startRunner({ channel: control.channelFor(id), name, labels, capacity, workRoot, backend: config.runner.backend, runJob, graceMs, onEvent: (event) => note(logger, event) });
  runner.done.catch((err: unknown) => logger.error({ err }, "the embedded runner ended"));
  return {
    async stop() {
      await runner.stop("abandon");
      await control.releaseRunner(id);
    },
  };
}

/** What goes wrong between the runner and this server, a full disk above all, is told where people look for it. */
function note(logger: Logger, event: RunnerEvent): void {
  if (event.type === "call.failed") logger.warn({ job: event.job, err: event.error }, "a call of the embedded runner failed and is made again until it succeeds");
  else if (event.type === "server.away") logger.warn({ err: event.error }, "the embedded runner cannot ask for jobs and tries again");
  else if (event.type === "job.dropped") logger.info({ job: event.job, reason: messageOf(event.reason) }, "the embedded runner dropped a job");
}

interface Registration {
  /** Remembers the id: a runner elsewhere may have the same name. */
  readonly file: string;
  readonly control: Control;
  readonly store: Store;
  readonly labels: readonly string[];
  readonly capacity: number;
}

async function register({ file, control, store, labels, capacity }: Registration): Promise<string> {
  const known = await readFile(file, "utf8").then((text) => text.trim(), () => undefined);
  const row = known === undefined ? undefined : await store.runners.byId(known);
  const { id } = await control.registerRunner({ ...(row === undefined ? {} : { id: row.id }), name, labels, capacity });
  if (id !== known) await writeFile(file, `${id}\n`, { mode: 0o600 });
  return id;
}
