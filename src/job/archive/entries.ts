import { once } from "node:events";
import { isAbsolute, join } from "node:path";
import { Parser, type ReadEntry } from "tar";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { Unpacked, UnpackOptions } from "../backend/files.ts";
import { isWithin } from "./paths.ts";
import { unsafe } from "./unsafe.ts";

/** Receives the entries of an archive, one after the other. */
export interface EntryWriter {
  /** Creates a folder below a root, and its parents. An empty path is the root itself. */
  folder(root: string, path: string): Promise<void> | void;
  /** Writes a file, replacing what is there. Consumes the whole content. */
  file(root: string, path: string, file: EntryFile): Promise<void>;
  /**
   * Creates a symbolic link, replacing what is there. Read as text, its target stays inside the root, unless links to
   * `anywhere` are allowed.
   */
  link(root: string, path: string, target: string, anywhere: boolean): Promise<void> | void;
}

export interface EntryFile {
  readonly mode: number;
  readonly modified?: Date;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads a tar and passes its entries to a writer after checking them: everything visible in the archive's text is
 * decided here; the writer decides what depends on existing files.
 * @throws SluiceError `artifact-unsafe` for names and links that leave their root and for devices, `payload-too-large`
 * beyond the
 *   limits, `storage-broken` if it is not an archive.
 */
export async function readEntries(
  tar: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
  writer: EntryWriter,
): Promise<Unpacked> {
  try {
    return await feed(tar, new Admission(options, writer));
  } catch (error) {
    // The parser's errors have codes of their own; a full disk or a broken transfer is reported unchanged.
    if (!(error instanceof Error) || !("tarCode" in error)) throw error;
    throw broken(error);
  }
}

/** The error for an unreadable archive. */
export function broken(cause: unknown): SluiceError {
  return new SluiceError("storage-broken", `The archive is damaged: ${messageOf(cause)}`, {
    help: "Create it again. If it is not yours, check where it comes from.",
    cause,
  });
}

async function feed(tar: AsyncIterable<Uint8Array>, admission: Admission): Promise<Unpacked> {
  const parser = new Parser({ strict: true });
  const failed = Promise.withResolvers<never>();
  // Only checked while something waits.
  failed.promise.catch(() => undefined);
  let work = Promise.resolve();
  parser.on("entry", (entry: ReadEntry) => {
    try {
      admission.count(entry);
    } catch (error) {
      failed.reject(error);
      return;
    }
    work = work.then(() => admission.take(entry)).catch(failed.reject);
  });
  parser.on("error", (error: unknown) => failed.reject(error));
  const ended = once(parser, "end");
  ended.catch(() => undefined);
  // Leaving the loop by throwing closes the content: the rest of an attacker's data is not waited for.
  for await (const piece of tar) {
    if (!parser.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)))
      await Promise.race([once(parser, "drain"), failed.promise]);
  }
  parser.end();
  await Promise.race([ended, failed.promise]);
  await Promise.race([failed.promise, work]);
  return { files: admission.files, bytes: admission.bytes };
}

/** Decides which entries of an archive are allowed. */
class Admission {
  files = 0;
  bytes = 0;
  readonly #options: UnpackOptions;
  readonly #writer: EntryWriter;

  constructor(options: UnpackOptions, writer: EntryWriter) {
    this.#options = options;
    this.#writer = writer;
  }

  /** Counts an entry's declared size before any of its bytes is written. @throws SluiceError `payload-too-large`. */
  count(entry: ReadEntry): void {
    const { maxFiles, maxBytes } = this.#options;
    this.files += 1;
    this.bytes += entry.size;
    if (this.files > maxFiles) throw tooLarge(`more than ${maxFiles} entries`);
    if (this.bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`);
  }

  /** Passes one entry to the writer. */
  async take(entry: ReadEntry): Promise<void> {
    const place = this.#options.place(checkedName(entry.path));
    if (place === undefined) throw unsafe(`contains ${entry.path}, which is in none of the requested paths`);
    const { root, path } = place;
    switch (entry.type) {
      case "Directory":
        entry.resume();
        await this.#writer.folder(root, path);
        return;
      case "File":
      case "OldFile":
      case "ContiguousFile":
        await this.#writer.file(root, path, {
          mode: (entry.mode ?? 0o644) & 0o777,
          ...(entry.mtime === undefined ? {} : { modified: entry.mtime }),
          content: entry,
        });
        return;
      case "SymbolicLink":
        entry.resume();
        await this.#writer.link(root, path, this.#checkedTarget(entry, root, path), this.#options.links === "any");
        return;
      default:
        throw unsafe(`contains ${entry.path}, which is not a plain file (${entry.type})`);
    }
  }

  #checkedTarget(entry: ReadEntry, root: string, path: string): string {
    const target = entry.linkpath ?? "";
    const { links } = this.#options;
    if (links === "any") return target;
    if (links === "none")
      throw unsafe(`contains the link ${entry.path} to ${target}; artifacts can only contain plain files`);
    // A link to an absolute path, or one that climbs out, could be written or read through later.
    if (isAbsolute(target) || !isWithin(join(root, path, "..", target), root))
      throw unsafe(`contains the link ${entry.path} to ${target}, which leads outside of it`);
    // `x/..` is not what it seems if x is a link itself, now or later.
    const parts = target.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.slice(parts.findIndex((part) => part !== "..")).includes("..") && parts.some((part) => part !== ".."))
      throw unsafe(`contains the link ${entry.path} to ${target}, which goes down and up again`);
    return target;
  }
}

function checkedName(name: string): string {
  const trimmed = name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  if (isAbsolute(trimmed) || trimmed.split("/").includes("..") || trimmed.includes("\0"))
    throw unsafe(`contains the path ${name}, which leads outside of it`);
  return trimmed;
}

function tooLarge(what: string): SluiceError {
  return new SluiceError("payload-too-large", `The archive unpacks to ${what}, and is rejected.`);
}
