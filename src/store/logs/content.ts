import type { FileHandle } from "node:fs/promises";
import { readFully } from "../disk.ts";

/** The bytes of a log, whatever form they are stored in. */
export interface Content {
  /** Up to `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Bytes that stand in a file as they are. */
export function plainContent(file: FileHandle): Content {
  return { read: (position, length) => readFully(file, position, length), close: () => file.close() };
}
