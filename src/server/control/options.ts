import type { Forges } from "../../forge/index.ts";
import type { Blobs, Logs, Store } from "../../store/index.ts";
import type { Compiler } from "../compile/index.ts";
import type { Limits } from "./limits.ts";

/** The part of a pino logger that the controllers use. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Checks whether the server can store anything. */
export interface StorageProbe {
  /** Rejects with `storage-full` if the data folder's volume has no space; `thoroughly` checks by writing. */
  check(thoroughly: boolean): Promise<void>;
}

/** What the controllers need from the rest of the server. */
export interface ControlOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly logs: Logs;
  readonly storage: StorageProbe;
  readonly forges: Forges;
  readonly compiler: Compiler;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A monotonic clock in milliseconds, unaffected by changes of the system clock: how long a runner is silent. */
  readonly monotonic?: () => number;
  /** The server's public URL, without a trailing slash. */
  readonly baseUrl: string;
  readonly logger: Logger;
  readonly limits?: Partial<Limits>;
  /** Whether no other server works on the database, which its lock ensures; true if absent. */
  readonly alone?: boolean;
}
