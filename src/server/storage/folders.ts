import { join } from "node:path";
import type { Config } from "../../config/index.ts";

/** The layout of the data folder. */
export interface Folders {
  readonly git: string;
  readonly logs: string;
  readonly blobs: string;
  readonly work: string;
  /** Where a running server listens for the command line of the same machine. */
  readonly socket: string;
}

export function folders(data: string): Folders {
  return {
    git: join(data, "git"),
    logs: join(data, "logs"),
    blobs: join(data, "blobs"),
    work: join(data, "work"),
    socket: join(data, "control.sock"),
  };
}

/** The configured database, or the file in the data folder. */
export function databaseOf(config: Config): string {
  return config.database ?? `sqlite:${join(config.data, "sluice.db")}`;
}

/** Where a running server listens for the command line of the same machine. */
export function controlSocket(data: string): string {
  return folders(data).socket;
}
