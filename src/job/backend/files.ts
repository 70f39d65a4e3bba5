/**
 * The files of a job's environment. Paths are absolute, inside the environment, with `/`.
 *
 * The job is not trusted and works in the same folders at the same time: it can create links, pipes or folders
 * anywhere, and remove anything. So no call waits for a pipe, and no call leaves the environment where the environment
 * is not isolated. Calls can run concurrently. They reject with the system's error unless stated otherwise.
 */
export interface Files {
  /**
   * Reads whole files; undefined for anything that does not exist or is not a regular file. Without `follow`, links do
   * not count as files. A file larger than `mostBytes` comes without content.
   */
  read(
    paths: readonly string[],
    options: { readonly mostBytes: number; readonly follow?: boolean },
  ): Promise<readonly (FileContent | undefined)[]>;
  /** Writes files and their parent folders. Replaces whatever is there; does not follow links. */
  write(files: readonly FileToWrite[]): Promise<void>;
  /** What each path is, following links; undefined if nothing is there. */
  stat(paths: readonly string[]): Promise<readonly (Entry | undefined)[]>;
  /**
   * A file, or a folder and everything in it, folders before their content, sorted by name. Empty if nothing is there.
   * @throws SluiceError `artifact-unsafe` for a link that leads out of `follow.inside`.
   */
  list(path: string, options: ListOptions): Promise<readonly Entry[]>;
  /** The sorted names in a folder; empty if it does not exist. */
  names(folder: string): Promise<readonly string[]>;
  /** The SHA-256 of each file, in hexadecimal. @throws if one cannot be read. */
  hash(paths: readonly string[]): Promise<readonly string[]>;
  /** Creates a folder and its parents. Returns false and creates nothing if a link on the way leads out of `within`. */
  makeFolder(path: string, within: string): Promise<boolean>;
  /** Removes files, and folders with everything in them. A missing path is not an error. Does not follow links. */
  remove(paths: readonly string[]): Promise<void>;
  /**
   * Copies files and links below one folder to the same names below another, including folders. With `names` only
   * those: each replaces what is there, and one that the source lacks is removed. Skips the environment's own folders
   * if they are in `from`. Only with the capability `thisMachine`.
   */
  copy(from: string, to: string, names?: readonly string[]): Promise<void>;
  /**
   * Packs files, folders (without their content) and links into a tar under the given names. Links become their
   * targets, unless `links` keeps them. Hard links are packed as files. Fails during reading if a file cannot be read.
   */
  copyOut(files: readonly FileToPack[], options: { readonly links: boolean }): AsyncIterable<Uint8Array>;
  /**
   * Unpacks an untrusted tar: checks each entry with `Admission`, and never writes through an existing link.
   * @throws SluiceError as in `readEntries`; earlier entries stay.
   */
  copyIn(tar: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<Unpacked>;
}

export interface FileContent {
  readonly size: number;
  /** Absent if the file is too large. */
  readonly content?: Buffer;
}

export interface FileToWrite {
  readonly path: string;
  readonly content: string;
  /** Permissions of a new file, minus the umask; 0666 by default. */
  readonly mode?: number;
}

export interface Entry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** Size of a file in bytes. */
  readonly size: number;
}

export interface ListOptions {
  /** Include names below the path that begin with a dot. */
  readonly hidden: boolean;
  /**
   * Links appear as their targets and are entered, but not in cycles. They may lead anywhere `inside`: a folder, or a
   * file that stands for its folder.
   */
  readonly follow?: { readonly inside: string };
}

export interface FileToPack {
  readonly path: string;
  /** The name in the archive. */
  readonly name: string;
}

export interface UnpackOptions {
  /**
   * Where a name of the archive belongs: a folder that nothing may leave, and the path below it. Undefined for a name
   * that belongs nowhere.
   */
  place(name: string): { readonly root: string; readonly path: string } | undefined;
  /**
   * Symbolic links: allow `none`, those `inside` their root, or `any`. Whatever a link leads to, nothing is written
   * through it.
   */
  readonly links: "none" | "inside" | "any";
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}
