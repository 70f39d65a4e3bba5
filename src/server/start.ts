import { mkdir } from "node:fs/promises";
import { type Event, messageOf, SluiceError } from "../model/index.ts";
import { checkSpace, lockData, lockDatabase, openBlobs, openLogs, openStore } from "../store/index.ts";
import type { Config } from "../config/index.ts";
import { type CompilerLimits, WorkflowCompiler } from "./compile/index.ts";
import { startControl, type Limits } from "./control/index.ts";
import { startEmbeddedRunner } from "./embedded/start.ts";
import { databaseOf, folders } from "./folders.ts";
import { createApp } from "./http/app.ts";
import { allowedHosts, connectionsOf } from "./http/guard.ts";
import { Tokens, type Role } from "./http/identity.ts";
import { Sessions } from "./http/session.ts";
import { gitPlaces } from "./http/shares.ts";
import { OpenStreams } from "./http/stream.ts";
import { serverSecret, signingKey } from "./key.ts";
import { Listener } from "./listener.ts";
import { createLogger, type Logger } from "./log.ts";
import { CloneTokens, NewsIntake, openForges, RepositoryService } from "./repositories/index.ts";
import { within } from "./signals.ts";
import { findWebRoot } from "./web.ts";

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

/** How long a graceful end may take, in milliseconds. */
const closingLimit = 10_000;
/** How long requests that are under way may take of it, in milliseconds. */
const requestLimit = 3000;

/**
 * Opens everything and listens. Rejects, with nothing left open, with `data-locked`, `schema-newer`, `address-in-use`,
 * `config-invalid`, `runner-user`, `storage-broken`, `storage-full` or `unavailable`.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const logger =
    options.logger ??
    createLogger({ level: process.stdout.isTTY ? "warn" : config.logLevel, human: process.stdout.isTTY });
  const place = folders(config.data);
  const now = options.now ?? Date.now;
  await using opened = new AsyncDisposableStack();

  opened.adopt(lockData(config.data), (lock) => lock.release());
  for (const folder of [place.git, place.work]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = await serverSecret(config.data);
  // The lock of the folder is that of the database in it.
  const lock =
    config.database === undefined
      ? undefined
      : opened.adopt(await lockDatabase(config.database), (each) => each.release());
  const store = opened.adopt(await openStore({ database: databaseOf(config), now }), (each) => each.close());
  const logs = opened.adopt(
    openLogs(place.logs, { onCompressFailure: (err) => logger.error({ err }, "a log could not be compressed") }),
    (each) => each.end(),
  );
  const blobs = openBlobs(place.blobs);

  const listener = opened.adopt(new Listener(), (each) => each.end());
  const url = await listen(listener, config);
  const tokens = new Tokens(store);
  const sessions = new Sessions({ tokens, key: signingKey(secret, "session"), secure: url.startsWith("https:"), now });
  const cloneTokens = new CloneTokens(signingKey(secret, "clone"), now);
  const streams = new OpenStreams();
  const ending = new AbortController();
  let ready = false;

  const warn = (message: string, detail: object): void => logger.warn(detail, message);
  const forges = opened.use(openForges({ store, gitFolder: place.git, url, cloneTokens, now, warn }));
  const compiler = new WorkflowCompiler(options.compilerLimits);
  const control = opened.adopt(
    startControl({
      store,
      blobs,
      logs,
      now,
      forges,
      compiler,
      baseUrl: url,
      logger,
      storage: { check: (thoroughly) => checkSpace(config.data, thoroughly) },
      limits: limitsOf(config),
    }),
    (each) => each.close(),
  );
  // Ended first: the control waits for what it has asked.
  opened.adopt(compiler, (each) => each.close());
  const accept = (event: Event, repositoryId: string, key: string): Promise<unknown> =>
    control.accept(event, repositoryId, key);
  const changed = (repository: string): void => {
    control.live.publish({ type: "repository", repository });
    control.schedules.lookSoon(repository);
  };
  const news = opened.adopt(new NewsIntake({ store, forges, accept, changed, warn }), (each) => each.close());
  const repositories = new RepositoryService({
    store,
    logs,
    blobs,
    forges,
    home: forges.git,
    now,
    news,
    accept,
    changed,
    warn,
  });

  const localListener = opened.adopt(new Listener(), (each) => each.end());
  const webRoot = options.webRoot ?? (await findWebRoot());
  const app = await createApp({
    services: { store, logs, blobs, control, repositories, git: forges.git, now, ready: () => ready },
    tokens,
    sessions,
    cloneTokens,
    streams,
    gitPlaces: gitPlaces(),
    pushLimit: config.git.pushLimitMiB * 1024 * 1024,
    logger,
    ending: ending.signal,
    guard: {
      hosts: allowedHosts(config.listen, config.externalUrl),
      externalOrigin: config.externalUrl && new URL(config.externalUrl).origin,
      isLocal: connectionsOf(localListener.server),
    },
    ...(webRoot === undefined ? {} : { webRoot }),
  });
  await app.ready();
  const firstToken = await firstAdmin(tokens, store, now());

  // Everything that can fail a start has happened: from here on the server answers.
  listener.serve((request, response) => app.routing(request, response));
  localListener.serve((request, response) => app.routing(request, response));
  await localListener.listenLocally(place.socket).catch((error: unknown) => {
    // Only the command line of this machine misses it, and can use --server and --token.
    logger.warn({ error: messageOf(error) }, "there is no control socket");
  });
  await control.start();
  await news.start();
  control.schedules.start();
  const runner = config.runner.embedded
    ? await startEmbeddedRunner({
        config,
        control,
        store,
        tokens,
        logger,
        workRoot: place.work,
        url: listener.nearUrl,
        orAsRoot: options.orAsRoot === true,
      })
    : undefined;
  ready = true;
  logger.info({ url, data: config.data }, "the server is ready");
  const kept = opened.move();

  const shutDown = async (): Promise<void> => {
    ready = false;
    await runner?.stop();
    ending.abort();
    await app.close();
    // Requests that move get their answers; a client that drips or sleeps must not keep the database open.
    await within(requestLimit, Promise.all([listener.close(), localListener.close()]));
    await kept.disposeAsync();
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    lost: lock?.lost ?? new Promise(() => {}),
    ...(firstToken === undefined ? {} : { firstToken }),
    ...(runner?.user === undefined ? {} : { jobUser: runner.user }),
    ...(runner?.warning === undefined ? {} : { runnerWarning: runner.warning }),
    signInUrl: async (path = "/") =>
      `${url}/signin?${new URLSearchParams({ code: sessions.makeCode(await adminToken(store)), to: path })}`,
    shortLivedToken: (name, role) => tokens.createShortLived(name, role),
    close: async () => {
      closing ??= within(closingLimit, shutDown()).then((intime) => {
        if (!intime) logger.warn({ seconds: closingLimit / 1000 }, "the end took too long; what was left is cut off");
        return undefined;
      });
      await closing;
    },
  };
}

/** Where the server can be reached from now on. */
async function listen(listener: Listener, config: Config): Promise<string> {
  const { host } = config.listen;
  const { port } = await listener.listen(config.listen);
  if (config.externalUrl !== undefined) return config.externalUrl;
  // A wildcard is no address that anybody could use; other machines need externalUrl anyhow.
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function limitsOf(config: Config): Partial<Limits> {
  const mebibyte = 1024 * 1024;
  return {
    log: config.logs.limitMiB * mebibyte,
    jobLogs: config.logs.jobLimitMiB * mebibyte,
    artifact: config.artifacts.limitMiB * mebibyte,
    runArtifacts: config.artifacts.runLimitMiB * mebibyte,
    repositoryArtifacts: config.artifacts.totalMiB * mebibyte,
    artifactDays: config.artifacts.retentionDays,
    cacheEntry: config.caches.limitMiB * mebibyte,
    cacheRepository: config.caches.totalMiB * mebibyte,
  };
}

type TokenStore = Parameters<typeof adminToken>[0];

/** Makes the first admin token where there is none of any role, and tells it. */
async function firstAdmin(tokens: Tokens, store: TokenStore, now: number): Promise<string | undefined> {
  if ((await store.tokens.list()).some((row) => row.role === "admin")) return undefined;
  return (await tokens.create({ name: "admin", role: "admin", createdAt: now })).token;
}

/** The admin token that a sign-in link stands for: the session ends when it is revoked. */
async function adminToken(store: {
  readonly tokens: { list(): Promise<readonly { readonly id: string; readonly role: Role }[]> };
}): Promise<string> {
  const row = (await store.tokens.list()).find((each) => each.role === "admin");
  if (row === undefined)
    throw new SluiceError("conflict", "There is no admin token.", {
      help: "Make one with `sluice token create --role admin`.",
    });
  return row.id;
}
