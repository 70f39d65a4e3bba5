import type { FileHandle } from "node:fs/promises";
import { readFully } from "../disk.ts";

/** The bytes of a log, in whatever form they are stored. */
export interface Content {
  /** Up to `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Bytes stored unchanged in a file. */
export function plainContent(file: FileHandle): Content {
  return { read: (position, length) => readFully(file, position, length), close: () => file.close() };
}
