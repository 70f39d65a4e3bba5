import { lstatSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ReadEntry } from "tar";
import { SluiceError } from "../../model/index.ts";
import { isWithin } from "./glob.ts";

export interface UnpackOptions {
  /** Where a name of the archive belongs: a folder that nothing may leave, and the path below it. Undefined for a name that belongs nowhere. */
  place(name: string): { readonly root: string; readonly path: string } | undefined;
  /** Symbolic links are made, as far as they stay inside of their root; otherwise they are refused. */
  readonly links: boolean;
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** Writes the entries of an archive to where they belong, and nowhere else. */
export class EntryWriter {
  files = 0;
  bytes = 0;
  private readonly options: UnpackOptions;
  /** Folders that are known to lie inside of their root, by root and path. */
  private readonly safe = new Set<string>();

  constructor(options: UnpackOptions) {
    this.options = options;
  }

  /** Looks at what an entry claims to be, before any of its bytes is written. @throws SluiceError `payload-too-large`. */
  admit(entry: ReadEntry): void {
    this.files += 1;
    this.bytes += entry.size;
    if (this.files > this.options.maxFiles) throw tooLarge(`more than ${this.options.maxFiles} entries`);
    if (this.bytes > this.options.maxBytes) throw tooLarge(`more than ${this.options.maxBytes} bytes`);
  }

  /** Takes one entry to its end. @throws SluiceError as `unpack` says. */
  async take(entry: ReadEntry): Promise<void> {
    const place = this.options.place(this.checked(entry.path));
    if (place === undefined) throw unsafe(`holds ${entry.path}, which belongs to none of the paths asked for`);
    const target = join(place.root, place.path);
    switch (entry.type) {
      case "Directory":
        entry.resume();
        this.makeFolder(place.root, target);
        return;
      case "File":
      case "OldFile":
      case "ContiguousFile":
        this.makeFolder(place.root, dirname(target));
        await this.writeFile(entry, target);
        return;
      case "SymbolicLink":
        entry.resume();
        this.makeFolder(place.root, dirname(target));
        this.makeLink(place.root, target, entry);
        return;
      default:
        throw unsafe(`holds ${entry.path}, which is no plain file (${entry.type})`);
    }
  }

  private checked(name: string): string {
    const trimmed = name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
    if (isAbsolute(trimmed) || trimmed.split("/").includes("..") || trimmed.includes("\0"))
      throw unsafe(`holds the path ${name}, which leads outside of it`);
    return trimmed;
  }

  /** Makes a folder and those above it up to the root. A link on the way must not lead out of the root. */
  private makeFolder(root: string, folder: string): void {
    if (this.safe.has(folder)) return;
    if (!isWithin(folder, root)) throw unsafe(`leads to ${folder}, outside of ${root}`);
    if (folder === root) mkdirSync(root, { recursive: true });
    else {
      this.makeFolder(root, dirname(folder));
      const stat = lstatSync(folder, { throwIfNoEntry: false });
      if (stat === undefined) mkdirSync(folder);
      else if (!stat.isDirectory() && !isWithin(realpathSync(folder), realpathSync(root)))
        throw unsafe(`leads through the link ${folder} out of ${root}`);
    }
    this.safe.add(folder);
  }

  private async writeFile(entry: ReadEntry, target: string): Promise<void> {
    if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) rmSync(target, { force: true });
    // Exclusive: what was put there meanwhile, a link above all, is not written through.
    const file = await open(target, "wx", ((entry.mode ?? 0o644) & 0o777) | 0o600);
    try {
      for await (const chunk of entry) await file.writeFile(chunk);
      if (entry.mtime !== undefined) await file.utimes(entry.mtime, entry.mtime);
    } finally {
      await file.close();
    }
  }

  private makeLink(root: string, target: string, entry: ReadEntry): void {
    const to = entry.linkpath ?? "";
    if (!this.options.links) throw unsafe(`holds the link ${entry.path} to ${to}; artifacts hold plain files only`);
    // A link to an absolute path, or one that climbs out, could be written or read through later.
    if (isAbsolute(to) || !isWithin(resolve(realpathSync(dirname(target)), to), realpathSync(root)))
      throw unsafe(`holds the link ${entry.path} to ${to}, which leads outside of it`);
    // `x/..` is elsewhere than it looks when x is a link itself, now or later.
    const parts = to.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.slice(parts.findIndex((part) => part !== "..")).includes("..") && parts.some((part) => part !== ".."))
      throw unsafe(`holds the link ${entry.path} to ${to}, which goes down and up again`);
    rmSync(target, { force: true });
    symlinkSync(to, target);
    this.safe.clear();
  }
}

function unsafe(what: string): SluiceError {
  return new SluiceError("artifact-unsafe", `The archive ${what}.`, {
    help: "Nothing more was unpacked. If you made the archive, pack plain files below one folder.",
  });
}

function tooLarge(what: string): SluiceError {
  return new SluiceError("payload-too-large", `The archive unpacks to ${what}, and is refused.`);
}
