import { mkdir } from "node:fs/promises";
import type { Config } from "../../config/index.ts";
import type { SluiceError } from "../../model/index.ts";
import {
  type Blobs,
  checkSpace,
  lockData,
  lockDatabase,
  type Logs,
  openBlobs,
  openLogs,
  openStore,
  type Store,
} from "../../store/index.ts";
import type { Logger } from "../log.ts";
import { damageLog } from "./damage.ts";
import { databaseOf, type Folders, folders } from "./folders.ts";
import { serverSecret } from "./key.ts";

/** The data folder and the database of a running server, locked against a second one. */
export interface ServerStorage extends AsyncDisposable {
  readonly folders: Folders;
  readonly store: Store;
  readonly logs: Logs;
  readonly blobs: Blobs;
  /** The source of all keys. */
  readonly secret: Buffer;
  /** Resolves when another server has taken the database while it was unreachable. Never rejects. */
  readonly lost: Promise<SluiceError>;
  /** Rejects with `storage-full` if the data folder's volume has no space; `thoroughly` checks by writing. */
  check(thoroughly: boolean): Promise<void>;
}

/**
 * Takes the locks and opens everything. Rejects, with nothing left open, with `data-locked`, `schema-newer`,
 * `storage-broken`, `storage-full` or `unavailable`.
 */
export async function openStorage(
  config: Config,
  { now, logger }: { readonly now: () => number; readonly logger: Logger },
): Promise<ServerStorage> {
  await using opened = new AsyncDisposableStack();
  const place = folders(config.data);
  opened.adopt(lockData(config.data), (lock) => lock.release());
  for (const folder of [place.git, place.work]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = await serverSecret(config.data);
  // The folder's lock is that of the database in it.
  const lock =
    config.database === undefined
      ? undefined
      : opened.adopt(await lockDatabase(config.database), (each) => each.release());
  const store = opened.adopt(
    await openStore({ database: databaseOf(config), now, report: damageLog(logger) }),
    (each) => each.close(),
  );
  const logs = opened.adopt(
    openLogs(place.logs, { onCompressFailure: (err) => logger.error({ err }, "cannot compress a log") }),
    (each) => each.end(),
  );
  const kept = opened.move();
  return {
    folders: place,
    store,
    logs,
    blobs: openBlobs(place.blobs),
    secret,
    lost: lock?.lost ?? new Promise(() => {}),
    check: (thoroughly) => checkSpace(config.data, thoroughly),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
