import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defaultCapacity, defaultLabels, type Config } from "../../config/index.ts";
import { type Backend, loadBackend, runJob } from "../../job/index.ts";
import { SluiceError } from "../../model/index.ts";
import { startRunner, userName, type RunnerUser } from "../../runner/index.ts";
import type { Store } from "../../store/index.ts";
import type { Control } from "../control/index.ts";
import type { Tokens } from "../http/identity.ts";
import type { Logger } from "../log.ts";
import { clearOthers, makeWorkRoot } from "./folders.ts";
import { logRunnerEvent } from "./runner-event.ts";
import { supervise } from "./supervise.ts";
import { jobUser } from "./user.ts";

export interface EmbeddedRunnerParts {
  readonly config: Config;
  readonly control: Control;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly logger: Logger;
  /** Folder that contains its job folders. */
  readonly workRoot: string;
  /** The server's address on this machine. */
  readonly url: string;
  /** Runs jobs as root if they cannot run as another user, and says so in `warning`. */
  readonly orAsRoot: boolean;
}

export interface EmbeddedRunner {
  /** The user that runs jobs, if it is not the server's own. */
  readonly user?: string;
  /** What the operator must know: that jobs can read the server's data. */
  readonly warning?: string;
  stop(): Promise<void>;
}

const name = "embedded";
/** How long a step can take to end after TERM, in milliseconds: half of the server's own limit. */
const graceMs = 5000;

type Parts = EmbeddedRunnerParts & {
  readonly backend: Backend;
  readonly id: string;
  readonly labels: readonly string[];
  readonly capacity: number;
};

/**
 * Starts the server's runner: in this process, or, if that is root, in a separate process as another user. The code and
 * the protocol are the same. Leftovers of an earlier process (processes, folders, leased jobs) are cleaned up first:
 * that process is certainly gone, so nobody has to wait until it counts as silent. Rejects with `runner-user` if jobs
 * cannot run as another user, and with `config-invalid`.
 */
export async function startEmbeddedRunner(parts: EmbeddedRunnerParts): Promise<EmbeddedRunner> {
  const { config, control, workRoot } = parts;
  const user = await jobUser(config.runner);
  const backend = await loadBackend(config.runner.backend, { workRoot });
  const labels = config.runner.labels ?? defaultLabels();
  const capacity = config.runner.capacity ?? defaultCapacity(availableParallelism());
  await clearUp(parts, backend, user);
  const id = await register(parts, labels, capacity);
  await control.releaseRunner(id);
  const all = { ...parts, backend, id, labels, capacity };
  if (user === undefined)
    return {
      ...startWithin(all),
      ...(process.getuid?.() === 0 && config.runner.backend === "host" ? { warning: asRoot("") } : {}),
    };
  try {
    return await startApart(all, user);
  } catch (error) {
    if (!parts.orAsRoot || !(error instanceof SluiceError) || error.code !== "runner-user") throw error;
    await backend.sweep();
    return { ...startWithin(all), warning: asRoot(`, because they cannot run as another user: ${error.message}`) };
  }
}

function asRoot(why: string): string {
  return `steps of the embedded runner run as root and can read the server's data${why.replace(/\.$/, "")}. See docs/guide/security.md.`;
}

/** Never rejects: what cannot be removed is logged, and harms nobody. */
async function clearUp(
  { logger, workRoot }: EmbeddedRunnerParts,
  backend: Backend,
  user: RunnerUser | undefined,
): Promise<void> {
  try {
    const others = process.getuid?.() === 0 ? await clearOthers(workRoot, user) : 0;
    const own = await backend.sweep((message) => logger.warn(message));
    if (own.length + others > 0)
      logger.info({ folders: own.length + others }, "removed what jobs of an earlier process left behind");
  } catch (err) {
    logger.warn({ err }, "cannot remove what jobs of an earlier process left behind");
  }
}

function startWithin({ backend, control, id, labels, capacity, logger, workRoot }: Parts): EmbeddedRunner {
  const runner = startRunner({
    channel: control.channelFor(id),
    name,
    labels,
    capacity,
    workRoot,
    backend,
    runJob,
    graceMs,
    onEvent: (event) => logRunnerEvent(logger, event),
  });
  runner.done.catch((err: unknown) => logger.error({ err }, "the embedded runner stopped"));
  return {
    async stop() {
      await runner.stop("abandon");
      await control.releaseRunner(id);
    },
  };
}

async function startApart(
  { config, control, tokens, id, labels, capacity, logger, workRoot, url }: Parts,
  user: RunnerUser,
): Promise<EmbeddedRunner> {
  const own = await makeWorkRoot(config, workRoot, user);
  const newTask = (): ReturnType<Parameters<typeof supervise>[0]["newTask"]> => {
    const token = tokens.createShortLived("embedded runner", "runner", id);
    return {
      task: { type: "run", user, access: { url, token }, name, labels: [...labels], capacity, workRoot: own, graceMs },
      revoke: () => tokens.endShortLived(token),
    };
  };
  const runner = await supervise({ newTask, release: (reason) => control.releaseRunner(id, reason), logger });
  return { ...runner, user: userName(user) };
}

/** Registers the runner under its previous id: a runner elsewhere may have the same name. */
async function register(
  { config, control, store }: EmbeddedRunnerParts,
  labels: readonly string[],
  capacity: number,
): Promise<string> {
  const file = join(config.data, "embedded-runner.id");
  const known = await readFile(file, "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );
  const row = known === undefined ? undefined : await store.runners.byId(known);
  const { id } = await control.registerRunner({ ...(row === undefined ? {} : { id: row.id }), name, labels, capacity });
  if (id !== known) await writeFile(file, `${id}\n`, { mode: 0o600 });
  return id;
}
