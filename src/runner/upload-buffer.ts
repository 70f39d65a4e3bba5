import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../model/index.ts";

/** Content up to this size is kept in memory. */
const memoryBytes = 1024 * 1024;
const readBytes = 256 * 1024;

/** Content that can be sent repeatedly. */
export interface BufferedUpload {
  readonly bytes: number;
  /** The content from its beginning, any number of times. */
  content(): AsyncIterable<Uint8Array>;
  release(): Promise<void>;
}

/**
 * Buffers a stream so that it can be resent if the connection to the server breaks. Large content goes to an unlinked
 * file in `folder`: nothing is left over, however the runner exits. Rejects with the content's own error, or with
 * `storage-full`.
 */
export async function bufferUpload(source: AsyncIterable<Uint8Array>, folder: string): Promise<BufferedUpload> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let file: FileHandle | undefined;
  try {
    for await (const piece of source) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes <= memoryBytes) continue;
      file ??= await unlinkedFile(folder);
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

async function unlinkedFile(folder: string): Promise<FileHandle> {
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
    if (bytesRead === 0) throw new SluiceError("storage-broken", "The buffered upload is shorter than before.");
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
