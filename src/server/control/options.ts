import type { Forges } from "../../forge/index.ts";
import type { Blobs, Logs, Store } from "../../store/index.ts";
import type { Compiler } from "../compile/index.ts";
import type { Limits } from "./limits.ts";

/** As much of a pino logger as the controllers use. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says whether the server can store anything. */
export interface StorageProbe {
  /** Rejects with `storage-full` if the data folder's volume has no space; `thoroughly` tries by writing. */
  check(thoroughly: boolean): Promise<void>;
}

/** What the controllers need of the rest of the server. */
export interface ControlOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly logs: Logs;
  readonly storage: StorageProbe;
  readonly forges: Forges;
  readonly compiler: Compiler;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only ever grow, whatever happens to the clock: how long a runner is silent. */
  readonly monotonic?: () => number;
  /** Address of the server as people reach it, without a slash at its end. */
  readonly baseUrl: string;
  readonly logger: Logger;
  readonly limits?: Partial<Limits>;
}
