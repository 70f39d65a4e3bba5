import { lstatSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { EntryFile, EntryWriter } from "../../archive/entries.ts";
import { isWithin } from "../../archive/paths.ts";
import { unsafe } from "../../archive/unsafe.ts";

/** Writes the entries of an archive below their roots and nowhere else, whatever links a job has created there. */
export class HostEntryWriter implements EntryWriter {
  /** Folders known to be inside their root. */
  readonly #safe = new Set<string>();

  folder(root: string, path: string): void {
    this.#makeFolder(root, join(root, path));
  }

  async file(root: string, path: string, { mode, modified, content }: EntryFile): Promise<void> {
    const target = join(root, path);
    this.#makeFolder(root, dirname(target));
    if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) rmSync(target, { force: true });
    // Exclusive: never writes through something created in the meantime, above all a link.
    const file = await open(target, "wx", mode | 0o600);
    try {
      for await (const piece of content) await file.writeFile(piece);
      if (modified !== undefined) await file.utimes(modified, modified);
    } finally {
      await file.close();
    }
  }

  link(root: string, path: string, target: string, anywhere: boolean): void {
    const link = join(root, path);
    this.#makeFolder(root, dirname(link));
    if (!anywhere && !isWithin(resolve(realpathSync(dirname(link)), target), realpathSync(root)))
      throw unsafe(`contains the link ${path} to ${target}, which leads outside of it`);
    rmSync(link, { force: true });
    symlinkSync(target, link);
    this.#safe.clear();
  }

  /** Creates a folder and its parents up to the root. A link on the way must not lead out of the root. */
  #makeFolder(root: string, folder: string): void {
    if (this.#safe.has(folder)) return;
    if (!makeFolderWithin(folder, root)) throw unsafe(`leads to ${folder}, which is outside of ${root}`);
    this.#safe.add(folder);
  }
}

/**
 * Creates a folder and its parents. Returns false if it is not within the root, by its name or through a link; nothing
 * is created outside.
 */
export function makeFolderWithin(folder: string, root: string): boolean {
  if (!isWithin(folder, root)) return false;
  if (folder === root) {
    mkdirSync(root, { recursive: true });
    return true;
  }
  if (!makeFolderWithin(dirname(folder), root)) return false;
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) mkdirSync(folder);
  else if (!stat.isDirectory() && !isWithin(realpathSync(folder), realpathSync(root))) return false;
  return true;
}
