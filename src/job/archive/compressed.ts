import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Files, FileToPack, Unpacked, UnpackOptions } from "../backend/files.ts";
import { broken } from "./entries.ts";

/** Limits that honest archives stay below: a small archive can contain an enormous file. */
export const usualLimits = { maxBytes: 32 * 1024 ** 3, maxFiles: 2_000_000 };

/** Packs files of a job into a gzipped tar. @param options as in `Files.copyOut`, and gzip's level */
export function pack(
  files: Files,
  chosen: readonly FileToPack[],
  { level, links }: { readonly level: number; readonly links: boolean },
): AsyncIterable<Uint8Array> {
  return through(files.copyOut(chosen, { links }), createGzip({ level }));
}

/** Unpacks a gzipped tar into the files of a job. @throws SluiceError as `Files.copyIn` does. */
export async function unpack(
  files: Files,
  content: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
): Promise<Unpacked> {
  try {
    return await files.copyIn(through(content, createGunzip()), options);
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith("Z_") === true) throw broken(error);
    throw error;
  }
}

/** Ends its source if it is left early, and fails if the source fails. */
async function* through(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  // Ending early also ends the reading below, with the reason.
  pipeline(Readable.from(source, { objectMode: false }), transform).catch(() => undefined);
  yield* transform;
}
