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
  /** Where the server's own log goes; standard output unless told, for people when that is a terminal. */
  readonly logger?: Logger;
  /** Milliseconds since 1970; the machine's clock unless told. */
  readonly now?: () => number;
  /** Folder of the built page; found beside the program unless told. */
  readonly webRoot?: string;
  /** Narrower limits for the compilation of workflow files, for tests. */
  readonly compilerLimits?: Partial<CompilerLimits>;
  /** When jobs cannot run as another user than root, they run as root, with a warning, instead of the start failing. */
  readonly orAsRoot?: boolean;
}

/** A server that runs. */
export interface RunningServer {
  /** The address for people and runners: the external one, or the one it listens on. No slash at the end. */
  readonly url: string;
  /** The first admin token: present at the first start on a data folder, and never to be had again. */
  readonly firstToken?: string;
  /** Fulfilled when another server has taken the database while it was away: this one must end. Never otherwise, and never rejected. */
  readonly lost: Promise<SluiceError>;
  /** Whom jobs of the embedded runner run as, when that is not the server's own user. */
  readonly jobUser?: string;
  /** What the operator must know about the embedded runner: that jobs can read the server's data. */
  readonly runnerWarning?: string;
  /** An address that signs a browser in as admin, once, within 15 minutes, and leads to a path of the page. */
  signInUrl(path?: string): Promise<string>;
  /** A token that ends with this process and is stored nowhere. */
  shortLivedToken(name: string, role: Role): string;
  /**
   * Ends gracefully, within 10 s: takes no more requests, ends live streams, cancels the embedded runner's jobs and
   * waits until they are reported; jobs of other runners go on and are found again after the next start.
   */
  close(): Promise<void>;
}

/** How long a graceful shutdown may take, in milliseconds. */
const closingLimit = 10_000;

/**
 * Opens everything and listens. Rejects, with nothing left open, with `data-locked`, `schema-newer`, `address-in-use`,
 * `config-invalid`, `runner-user`, `storage-broken`, `storage-full` or `unavailable`.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const logger = options.logger ?? loggerFor(config);
  // Closed in the opposite order to that of opening, also when one of them cannot be opened.
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
      logger.warn({ seconds: closingLimit / 1000 }, "the shutdown took too long; what was left is cut off");
    }),
  };
}

/** The parts of a server, in the order in which they need each other. Nothing moves yet but the compiler's threads. */
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
  // Closed before the controllers: they wait for what they have asked of it.
  parts.adopt(compiler, (each) => each.close());
  const repositories = parts.use(openRepositories({ store, logs, blobs, forges, control, now, warn }));
  const services = { store, logs, blobs, control, repositories: repositories.service, git: forges.git, now };
  const { webRoot } = options;
  const web = parts.use(await openWeb({ config, services, access, network, socket: folders.socket, logger, webRoot }));
  return { storage, network, access, control, repositories, web };
}

function loggerFor({ logLevel }: Config): Logger {
  return createLogger({ level: process.stdout.isTTY ? "warn" : logLevel, human: process.stdout.isTTY });
}

/** However often it is called, the work is done once, and all wait for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
