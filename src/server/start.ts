import type { Config } from "../config/index.ts";
import type { SluiceError } from "../model/index.ts";
import { type CompilerLimits, WorkflowCompiler } from "./compile/index.ts";
import { startControl } from "./control/index.ts";
import { startEmbeddedRunner } from "./embedded/start.ts";
import { Access } from "./http/access.ts";
import type { Role } from "./http/identity.ts";
import { openWeb } from "./http/open.ts";
import { limitsOf } from "./limits.ts";
import { createLogger, type Logger } from "./log.ts";
import { Network } from "./network/index.ts";
import { openForges, openRepositories } from "./repositories/index.ts";
import { within } from "./signals.ts";
import { openStorage } from "./storage/index.ts";

export interface StartOptions {
  /** Receives the server's log; default: stdout, formatted for people if that is a terminal. */
  readonly logger?: Logger;
  /** Milliseconds since 1970; default: the machine's clock. */
  readonly now?: () => number;
  /** Folder of the built page; default: found beside the program. */
  readonly webRoot?: string;
  /** Narrower limits for compiling workflow files, for tests. */
  readonly compilerLimits?: Partial<CompilerLimits>;
  /** If jobs cannot run as a user other than root, run them as root with a warning, instead of failing the start. */
  readonly orAsRoot?: boolean;
}

/** A running server. */
export interface RunningServer {
  /** The URL for people and runners: the external one, or the one it listens on. No trailing slash. */
  readonly url: string;
  /** The first admin token: present at the first start on a data folder, and never shown again. */
  readonly firstToken?: string;
  /**
   * Resolves when another server has taken the database while it was unreachable: this one must stop. Never rejects.
   */
  readonly lost: Promise<SluiceError>;
  /** The user that runs the embedded runner's jobs, if it is not the server's own. */
  readonly jobUser?: string;
  /** What the operator must know about the embedded runner: that jobs can read the server's data. */
  readonly runnerWarning?: string;
  /** A URL that signs in one browser as admin, once, within 15 minutes, and leads to a path of the page. */
  signInUrl(path?: string): Promise<string>;
  /** A token that ends with this process and is stored nowhere. */
  shortLivedToken(name: string, role: Role): string;
  /**
   * Stops gracefully, within 10 s: accepts no more requests, ends live streams, cancels the embedded runner's jobs and
   * waits until they are reported; jobs of other runners continue and are found again after the next start.
   */
  close(): Promise<void>;
}

/** Timeout of a graceful shutdown, in milliseconds. */
const closingLimit = 10_000;

/**
 * Opens everything and listens. Rejects, with nothing left open, with `data-locked`, `schema-newer`, `address-in-use`,
 * `config-invalid`, `runner-user`, `storage-broken`, `storage-full` or `unavailable`.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const logger = options.logger ?? loggerFor(config);
  // Closed in reverse order, also if one of them cannot be opened.
  await using parts = new AsyncDisposableStack();
  const { storage, network, access, control, repositories, web } = await openParts(parts, config, options, logger);
  const firstToken = await access.firstAdmin();

  // Everything that can fail a start has happened: from here on the server answers.
  await web.start();
  await control.start();
  await repositories.start();
  control.schedules.start();
  const { store, folders } = storage;
  const { tokens } = access;
  const [workRoot, orAsRoot] = [folders.work, options.orAsRoot === true];
  const runner = config.runner.embedded
    ? await startEmbeddedRunner({ config, control, store, tokens, logger, workRoot, url: network.nearUrl, orAsRoot })
    : undefined;
  parts.defer(() => runner?.stop());
  web.ready = true;
  logger.info({ url: network.url, data: config.data }, "the server is ready");

  const kept = parts.move();
  const shutDown = async (): Promise<void> => {
    web.ready = false;
    await kept.disposeAsync();
  };
  return {
    url: network.url,
    lost: storage.lost,
    ...(firstToken === undefined ? {} : { firstToken }),
    ...(runner?.user === undefined ? {} : { jobUser: runner.user }),
    ...(runner?.warning === undefined ? {} : { runnerWarning: runner.warning }),
    signInUrl: (path = "/") => access.signInUrl(path),
    shortLivedToken: (name, role) => tokens.createShortLived(name, role),
    close: once(async () => {
      if (await within(closingLimit, shutDown())) return;
      logger.warn({ seconds: closingLimit / 1000 }, "the shutdown took too long; cutting off the rest");
    }),
  };
}

/** The parts of a server, in order of their dependencies. Nothing runs yet but the compiler's threads. */
async function openParts(parts: AsyncDisposableStack, config: Config, options: StartOptions, logger: Logger) {
  const now = options.now ?? Date.now;
  const warn = (message: string, detail: object): void => logger.warn(detail, message);
  const storage = parts.use(await openStorage(config, { now, logger }));
  const { store, logs, blobs, folders, secret } = storage;
  const network = parts.use(await Network.open(config));
  const { url } = network;
  const access = new Access({ store, secret, url, now });
  const { cloneTokens } = access;
  const forges = parts.use(openForges({ store, gitFolder: folders.git, url, cloneTokens, now, warn }));
  const compiler = new WorkflowCompiler(options.compilerLimits);
  const limits = limitsOf(config);
  const control = parts.adopt(
    startControl({ store, logs, blobs, storage, forges, compiler, now, baseUrl: url, logger, limits }),
    (each) => each.close(),
  );
  // Closed before the controllers: waits for its requests to them.
  parts.adopt(compiler, (each) => each.close());
  const repositories = parts.use(openRepositories({ store, forges, control, now, warn }));
  const services = { store, logs, blobs, control, repositories: repositories.service, git: forges.git, now };
  const { webRoot } = options;
  const web = parts.use(await openWeb({ config, services, access, network, socket: folders.socket, logger, webRoot }));
  return { storage, network, access, control, repositories, web };
}

function loggerFor({ logLevel }: Config): Logger {
  return createLogger({ level: process.stdout.isTTY ? "warn" : logLevel, human: process.stdout.isTTY });
}

/** Runs once, however often it is called; all callers wait for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
