import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../model/index.ts";

/** Content up to this size is kept in memory. */
const memoryBytes = 1024 * 1024;
const readBytes = 256 * 1024;

/** Content that can be sent again. */
export interface Spooled {
  readonly bytes: number;
  /** The content from its beginning, as often as it is asked for. */
  content(): AsyncIterable<Uint8Array>;
  release(): Promise<void>;
}

/**
 * Takes in content that flows once, so that it can be sent again when the server goes away in the middle. What is large
 * goes to a file in `folder`, which has no name from the beginning: nothing is left over, however the runner ends.
 * Rejects with the content's own error, or with `storage-full`.
 */
export async function spool(source: AsyncIterable<Uint8Array>, folder: string): Promise<Spooled> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let file: FileHandle | undefined;
  try {
    for await (const piece of source) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes <= memoryBytes) continue;
      file ??= await nameless(folder);
      for (const waiting of pieces.splice(0)) await file.appendFile(waiting);
    }
  } catch (error) {
    await file?.close();
    if (error instanceof Error && "code" in error && error.code === "ENOSPC")
      throw new SluiceError("storage-full", `There is no space left in ${folder}.`, { cause: error });
    throw error;
  }
  return {
    bytes,
    content: () => (file === undefined ? each(pieces) : read(file, bytes)),
    release: async () => file?.close(),
  };
}

async function nameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.upload-${randomBytes(8).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  await rm(path);
  return file;
}

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function* read(file: FileHandle, bytes: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, position);
    if (bytesRead === 0) throw new SluiceError("storage-broken", "The spooled upload is shorter than it was.");
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
