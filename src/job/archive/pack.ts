import { create } from "tar";

export interface Packed {
  /** Absolute path of what is put in. */
  readonly path: string;
  /** Its name in the archive, with `/`. */
  readonly name: string;
}

/** Hard links are stored as the files they are: unpacking then never needs a link to something else. */
class NoHardLinks extends Map<`${number}:${number}`, string> {
  override get(): undefined {
    return undefined;
  }
}

/** Packs files into a gzipped tar, piece by piece. Symbolic links become what they point to, or with `links` stay links. */
export function pack(
  files: readonly Packed[],
  options: { readonly level: number; readonly links: boolean },
): AsyncIterable<Uint8Array> {
  const names = new Map(files.map((file) => [file.path, file.name]));
  return create(
    {
      gzip: { level: options.level },
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
    // Absolute, so that no name is taken for one of tar's own signs (`@archive`).
    files.map((file) => file.path),
  );
}
