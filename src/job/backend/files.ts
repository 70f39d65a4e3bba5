/**
 * The files of a job's environment. Paths are absolute, inside the environment, with `/`.
 *
 * The job is not trusted, and works in the same folders at the same time: it may put links, pipes or folders anywhere, and remove
 * anything. So no call waits for a pipe, and no call leads out of the environment where the environment is not a world of its own.
 * Calls may be made at the same time. They reject with what the system says where nothing else is written.
 */
export interface Files {
  /**
   * Reads files whole; undefined for what is not there or is no regular file. Without `follow` a link is none.
   * One larger than `mostBytes` comes without content.
   */
  read(
    paths: readonly string[],
    options: { readonly mostBytes: number; readonly follow?: boolean },
  ): Promise<readonly (FileContent | undefined)[]>;
  /** Writes files, and the folders above them. What is there is replaced, whatever it is; a link is not followed. */
  write(files: readonly FileToWrite[]): Promise<void>;
  /** What each path is, links followed; undefined where nothing is. */
  stat(paths: readonly string[]): Promise<readonly (Entry | undefined)[]>;
  /**
   * A file, or a folder and everything in it, folders before what is in them, in the order of their names. Empty when nothing is there.
   * @throws SluiceError `artifact-unsafe` for a link that leads out of `follow.inside`.
   */
  list(path: string, options: ListOptions): Promise<readonly Entry[]>;
  /** The names of what is in a folder, in order; none when there is no such folder. */
  names(folder: string): Promise<readonly string[]>;
  /** The SHA-256 of each file, in hexadecimal. @throws when one cannot be read. */
  hash(paths: readonly string[]): Promise<readonly string[]>;
  /** Makes a folder and those above it. False, and nothing is made, when a link on the way leads out of `within`. */
  makeFolder(path: string, within: string): Promise<boolean>;
  /** Removes files, and folders with everything in them. What is not there is no error. Links are not followed. */
  remove(paths: readonly string[]): Promise<void>;
  /**
   * Copies files and links below one folder to the same names below another, folders included. With `names` only those: each replaces
   * what is there, and one that the source lacks is removed. The environment's own folders, should they lie in `from`, are left out.
   * Only with the capability `thisMachine`.
   */
  copy(from: string, to: string, names?: readonly string[]): Promise<void>;
  /**
   * Packs files, folders (without what is in them) and links into a tar, under the names given. Links become what they
   * lead to, unless `links` keeps them. Hard links are packed as files. Fails while it is read when a file cannot be.
   */
  copyOut(files: readonly FileToPack[], options: { readonly links: boolean }): AsyncIterable<Uint8Array>;
  /**
   * Unpacks a tar, and trusts nothing in it: each entry is checked with `Admission`, and no link that is there already is written through.
   * @throws SluiceError as `readEntries` says; what came before stays.
   */
  copyIn(tar: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<Unpacked>;
}

export interface FileContent {
  readonly size: number;
  /** Absent when the file is too large. */
  readonly content?: Buffer;
}

export interface FileToWrite {
  readonly path: string;
  readonly content: string;
  /** Permissions of a new file, less the umask; 0666 unless given. */
  readonly mode?: number;
}

export interface Entry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** In bytes, of a file. */
  readonly size: number;
}

export interface ListOptions {
  /** Also what begins with a dot below the path. */
  readonly hidden: boolean;
  /** Links appear as what they lead to, and are entered, but not around in a circle. They may lead anywhere `inside`: a folder, or a file that stands for its folder. */
  readonly follow?: { readonly inside: string };
}

export interface FileToPack {
  readonly path: string;
  /** In the archive. */
  readonly name: string;
}

export interface UnpackOptions {
  /** Where a name of the archive belongs: a folder that nothing may leave, and the path below it. Undefined for a name that belongs nowhere. */
  place(name: string): { readonly root: string; readonly path: string } | undefined;
  /**
   * Symbolic links: `none` are let in, those `inside` of their root, or `any` as it is. Whatever a link leads to, nothing is
   * written through it.
   */
  readonly links: "none" | "inside" | "any";
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}
