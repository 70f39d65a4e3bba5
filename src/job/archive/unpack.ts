import { once } from "node:events";
import { Parser, type ReadEntry } from "tar";
import { messageOf, SluiceError } from "../../model/index.ts";
import { EntryWriter, type UnpackOptions } from "./entry-writer.ts";

/** Sizes that honest archives stay below: a small one can hold an enormous file. */
export const usualLimits = { maxBytes: 32 * 1024 ** 3, maxFiles: 2_000_000 };

/**
 * Unpacks a gzipped tar, and trusts nothing in it.
 * @throws SluiceError `artifact-unsafe` for names or links that leave their root and for devices, `payload-too-large`
 * beyond the limits, `storage-broken` for what is no archive.
 */
export async function unpack(
  content: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
): Promise<{ readonly files: number; readonly bytes: number }> {
  try {
    return await feed(content, options);
  } catch (error) {
    // What the parser says has codes of its own; a full disk or a broken transfer is told as it is.
    if (
      !(error instanceof Error) ||
      !("tarCode" in error || (error as NodeJS.ErrnoException).code?.startsWith("Z_") === true)
    )
      throw error;
    throw new SluiceError("storage-broken", `The archive is damaged or not honest: ${messageOf(error)}`, {
      help: "Make it again; if it is not yours, look at where it comes from.",
      cause: error,
    });
  }
}

async function feed(
  content: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
): Promise<{ readonly files: number; readonly bytes: number }> {
  const writer = new EntryWriter(options);
  const parser = new Parser({ strict: true });
  const failed = Promise.withResolvers<never>();
  // It is looked at only while something waits.
  failed.promise.catch(() => undefined);
  let work = Promise.resolve();
  parser.on("entry", (entry: ReadEntry) => {
    try {
      writer.admit(entry);
    } catch (error) {
      failed.reject(error);
      return;
    }
    work = work.then(() => writer.take(entry)).catch(failed.reject);
  });
  parser.on("error", (error: unknown) => failed.reject(error));
  const ended = once(parser, "end");
  ended.catch(() => undefined);
  // Leaving the loop by a throw closes the content: what an attacker has left to send is not waited for.
  for await (const piece of content) {
    if (!parser.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)))
      await Promise.race([once(parser, "drain"), failed.promise]);
  }
  parser.end();
  await Promise.race([ended, failed.promise]);
  await Promise.race([failed.promise, work]);
  return { files: writer.files, bytes: writer.bytes };
}
