import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { isWithin } from "../../archive/paths.ts";
import type {
  Entry,
  FileContent,
  Files,
  FileToPack,
  FileToWrite,
  ListOptions,
  Unpacked,
  UnpackOptions,
} from "../files.ts";
import { HostEntryWriter, makeFolderWithin } from "./entry-writer.ts";
import { hashFile } from "./hash.ts";
import { entryOf, walk } from "./walk.ts";

/**
 * The files of jobs on this machine. Small files are read and written without Node's thread pool, which costs more than
 * the access itself: a step has several.
 */
export class HostFiles implements Files {
  readonly #own: string;
  readonly #workRoot: string;

  /** @param own the job's folder, resolved. @param workRoot the folder of all jobs, resolved */
  constructor(own: string, workRoot: string) {
    this.#own = own;
    this.#workRoot = workRoot;
  }

  async read(
    paths: readonly string[],
    { mostBytes, follow = false }: { readonly mostBytes: number; readonly follow?: boolean },
  ): Promise<readonly (FileContent | undefined)[]> {
    return paths.map((path) => readFile(path, mostBytes, follow));
  }

  async write(files: readonly FileToWrite[]): Promise<void> {
    for (const file of files) writeFile(file);
  }

  async stat(paths: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    return paths.map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? undefined : entryOf(path, stat);
    });
  }

  async list(path: string, options: ListOptions): Promise<readonly Entry[]> {
    return walk(path, options);
  }

  async names(folder: string): Promise<readonly string[]> {
    return isFolder(folder) ? readdirSync(folder).toSorted() : [];
  }

  async hash(paths: readonly string[]): Promise<readonly string[]> {
    const hashes: string[] = [];
    for (const path of paths) hashes.push(await hashFile(path));
    return hashes;
  }

  async makeFolder(path: string, within: string): Promise<boolean> {
    return makeFolderWithin(resolve(path), resolve(within));
  }

  async remove(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
  }

  async copy(from: string, to: string, names?: readonly string[]): Promise<void> {
    if (names === undefined) copyFolder(from, to, this.#workRoot);
    else for (const name of names) if (!isWithin(join(from, name), this.#own)) copyOne(from, to, name);
  }

  // Tar loads when it is used: most jobs have no artifacts.
  async *copyOut(files: readonly FileToPack[], options: { readonly links: boolean }): AsyncIterable<Uint8Array> {
    const { pack } = await import("./pack.ts");
    yield* pack(files, options);
  }

  async copyIn(tar: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<Unpacked> {
    const { readEntries } = await import("../../archive/entries.ts");
    return readEntries(tar, options, new HostEntryWriter());
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Does not wait for a pipe. */
function readFile(path: string, mostBytes: number, follow: boolean): FileContent | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW));
  } catch {
    // Missing, a link, or unreadable: returns nothing.
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    const { size } = stat;
    if (!stat.isFile()) return undefined;
    if (size > mostBytes) return { size };
    if (size === 0) return { size, content: noBytes };
    const bytes = Buffer.alloc(size);
    return { size, content: bytes.subarray(0, readSync(fd, bytes, 0, size, 0)) };
  } finally {
    closeSync(fd);
  }
}

const noBytes = Buffer.alloc(0);

/** An existing file is overwritten in place, which costs a fraction of creating one. */
function writeFile({ path, content, mode = 0o666 }: FileToWrite): void {
  const bytes = Buffer.from(content, "utf8");
  const fd = openToWrite(path, mode);
  try {
    writeSync(fd, bytes);
    ftruncateSync(fd, bytes.length);
  } finally {
    closeSync(fd);
  }
}

function openToWrite(path: string, mode: number): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const fd = openSync(path, flags, mode);
    const stat = fstatSync(fd);
    if (stat.isFile() && stat.nlink === 1) return fd;
    closeSync(fd);
  } catch {
    // Something that cannot be opened is in the way, or the folder is missing: both are handled below.
    mkdirSync(dirname(path), { recursive: true });
  }
  rmSync(path, { recursive: true, force: true });
  return openSync(path, "wx", mode);
}

function copyOne(from: string, to: string, name: string): void {
  const source = join(from, name);
  const target = join(to, name);
  rmSync(target, { recursive: true, force: true });
  const stat = lstatSync(source, { throwIfNoEntry: false });
  if (stat === undefined) return;
  mkdirSync(dirname(target), { recursive: true });
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
  else if (stat.isFile()) copyFileSync(source, target, constants.COPYFILE_FICLONE);
}

function copyFolder(from: string, to: string, except: string): void {
  for (const { path, kind } of walk(from, { hidden: true })) {
    if (isWithin(path, except)) continue;
    if (kind === "folder") mkdirSync(join(to, relative(from, path)), { recursive: true });
    else copyOne(from, to, relative(from, path));
  }
}
