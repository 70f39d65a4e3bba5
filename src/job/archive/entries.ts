import { once } from "node:events";
import { isAbsolute, join } from "node:path";
import { Parser, type ReadEntry } from "tar";
import { messageOf, SluiceError } from "../../model/index.ts";
import type { Unpacked, UnpackOptions } from "../backend/files.ts";
import { isWithin } from "./paths.ts";

/** Where the entries of an archive go. Called for one entry after the other. */
export interface EntryWriter {
  /** Makes a folder below a root, and those above it. An empty path is the root itself. */
  folder(root: string, path: string): Promise<void> | void;
  /** Writes a file in place of what is there. Takes the content to its end. */
  file(root: string, path: string, file: EntryFile): Promise<void>;
  /** Makes a symbolic link in place of what is there. Read as text, its target stays inside of the root, unless links to `anywhere` are let in. */
  link(root: string, path: string, target: string, anywhere: boolean): Promise<void> | void;
}

export interface EntryFile {
  readonly mode: number;
  readonly modified?: Date;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads a tar and hands its entries to a writer, checked: what the text of an archive can tell is decided here, what depends on the
 * files that are there already by the writer.
 * @throws SluiceError `artifact-unsafe` for names and links that leave their root and for devices, `payload-too-large` beyond the
 *   limits, `storage-broken` for what is no archive.
 */
export async function readEntries(
  tar: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
  writer: EntryWriter,
): Promise<Unpacked> {
  try {
    return await feed(tar, new Admission(options, writer));
  } catch (error) {
    // The parser's errors have codes of their own; a full disk or a broken transfer is reported as it is.
    if (!(error instanceof Error) || !("tarCode" in error)) throw error;
    throw broken(error);
  }
}

/** The error for an archive that cannot be read. */
export function broken(cause: unknown): SluiceError {
  return new SluiceError("storage-broken", `The archive is damaged: ${messageOf(cause)}`, {
    help: "Make it again. If it is not yours, look at where it comes from.",
    cause,
  });
}

async function feed(tar: AsyncIterable<Uint8Array>, admission: Admission): Promise<Unpacked> {
  const parser = new Parser({ strict: true });
  const failed = Promise.withResolvers<never>();
  // It is looked at only while something waits.
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
  // Leaving the loop by a throw closes the content: what an attacker has left to send is not waited for.
  for await (const piece of tar) {
    if (!parser.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)))
      await Promise.race([once(parser, "drain"), failed.promise]);
  }
  parser.end();
  await Promise.race([ended, failed.promise]);
  await Promise.race([failed.promise, work]);
  return { files: admission.files, bytes: admission.bytes };
}

/** Decides which entries of an archive are let in. */
class Admission {
  files = 0;
  bytes = 0;
  readonly #options: UnpackOptions;
  readonly #writer: EntryWriter;

  constructor(options: UnpackOptions, writer: EntryWriter) {
    this.#options = options;
    this.#writer = writer;
  }

  /** Counts what an entry claims to be, before any of its bytes is written. @throws SluiceError `payload-too-large`. */
  count(entry: ReadEntry): void {
    const { maxFiles, maxBytes } = this.#options;
    this.files += 1;
    this.bytes += entry.size;
    if (this.files > maxFiles) throw tooLarge(`more than ${maxFiles} entries`);
    if (this.bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`);
  }

  /** Hands one entry to the writer. */
  async take(entry: ReadEntry): Promise<void> {
    const place = this.#options.place(checkedName(entry.path));
    if (place === undefined) throw unsafe(`holds ${entry.path}, which belongs to none of the paths asked for`);
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
        throw unsafe(`holds ${entry.path}, which is no plain file (${entry.type})`);
    }
  }

  #checkedTarget(entry: ReadEntry, root: string, path: string): string {
    const target = entry.linkpath ?? "";
    const { links } = this.#options;
    if (links === "any") return target;
    if (links === "none") throw unsafe(`holds the link ${entry.path} to ${target}; artifacts hold plain files only`);
    // A link to an absolute path, or one that climbs out, could be written or read through later.
    if (isAbsolute(target) || !isWithin(join(root, path, "..", target), root))
      throw unsafe(`holds the link ${entry.path} to ${target}, which leads outside of it`);
    // `x/..` is elsewhere than it looks when x is a link itself, now or later.
    const parts = target.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.slice(parts.findIndex((part) => part !== "..")).includes("..") && parts.some((part) => part !== ".."))
      throw unsafe(`holds the link ${entry.path} to ${target}, which goes down and up again`);
    return target;
  }
}

function checkedName(name: string): string {
  const trimmed = name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  if (isAbsolute(trimmed) || trimmed.split("/").includes("..") || trimmed.includes("\0"))
    throw unsafe(`holds the path ${name}, which leads outside of it`);
  return trimmed;
}

/** The error for an archive that would leave its folder. */
export function unsafe(what: string): SluiceError {
  return new SluiceError("artifact-unsafe", `The archive ${what}.`, {
    help: "Nothing more was unpacked. If you made the archive, pack plain files below one folder.",
  });
}

function tooLarge(what: string): SluiceError {
  return new SluiceError("payload-too-large", `The archive unpacks to ${what}, and is refused.`);
}
