import { create } from "tar";
import type { FileToPack } from "../files.ts";

/** Stores hard links as files: unpacking then never needs a link to something else. */
class NoHardLinks extends Map<`${number}:${number}`, string> {
  override get(): undefined {
    return undefined;
  }
}

/**
 * Packs files of this machine into a tar, piece by piece. Symbolic links become their targets, or with `links` stay
 * links.
 */
export function pack(files: readonly FileToPack[], options: { readonly links: boolean }): AsyncIterable<Uint8Array> {
  const names = new Map(files.map((file) => [file.path, file.name]));
  return create(
    {
      portable: true,
      follow: !options.links,
      noDirRecurse: true,
      preservePaths: true,
      strict: true,
      linkCache: new NoHardLinks(),
      onWriteEntry: (entry) => {
        const name = names.get(entry.absolute);
        if (name !== undefined) entry.path = entry.type === "Directory" ? `${name}/` : name;
      },
    },
    // Absolute, so that no name is read as one of tar's own signs (`@archive`).
    files.map((file) => file.path),
  );
}
