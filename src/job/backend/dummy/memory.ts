import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { SluiceError } from "../../../model/index.ts";
import { encodeEntry, endOfTar } from "../../archive/encode.ts";
import { type EntryWriter, readEntries } from "../../archive/entries.ts";
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

type Node =
  | { readonly kind: "file"; readonly content: Buffer; readonly mode: number }
  | { readonly kind: "folder" }
  | { readonly kind: "link"; readonly target: string };

/** A job's files in memory. Nothing else runs here, so only these calls change them. */
export class MemoryFiles implements Files {
  readonly #nodes = new Map<string, Node>([["/", { kind: "folder" }]]);

  async read(
    paths: readonly string[],
    { mostBytes, follow = false }: { readonly mostBytes: number; readonly follow?: boolean },
  ): Promise<readonly (FileContent | undefined)[]> {
    return paths.map((path) => {
      const node = follow ? this.#at(path) : this.#nodes.get(path);
      if (node?.kind !== "file") return undefined;
      const { content } = node;
      return content.length > mostBytes ? { size: content.length } : { size: content.length, content };
    });
  }

  async write(files: readonly FileToWrite[]): Promise<void> {
    for (const { path, content, mode } of files) this.#put(path, Buffer.from(content), mode);
  }

  async stat(paths: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    return paths.map((path) => {
      const node = this.#at(path);
      return node === undefined ? undefined : entryOf(path, node);
    });
  }

  async list(path: string, options: ListOptions): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    this.#visit(path, options, found, []);
    return found;
  }

  /** @param trail what links above led to, to detect a cycle */
  #visit(path: string, options: ListOptions, found: Entry[], trail: readonly string[]): void {
    const { hidden, follow } = options;
    const own = this.#nodes.get(this.#place(path));
    const real = own?.kind === "link" && follow !== undefined ? this.#real(path) : this.#place(path);
    const node = this.#nodes.get(real);
    if (node === undefined || trail.includes(real)) return;
    if (follow !== undefined && !isWithin(real, this.#real(follow.inside)))
      throw new SluiceError("artifact-unsafe", `The link ${path} leads to ${real}, outside of ${follow.inside}.`);
    found.push(entryOf(path, node));
    if (node.kind !== "folder") return;
    for (const name of this.#names(real))
      if (hidden || !name.startsWith(".")) this.#visit(join(path, name), options, found, [...trail, real]);
  }

  async names(folder: string): Promise<readonly string[]> {
    return this.#names(this.#real(folder));
  }

  #names(folder: string): readonly string[] {
    const inside = [...this.#nodes.keys()].filter((path) => path !== "/" && dirname(path) === folder);
    return inside.map((path) => basename(path)).toSorted();
  }

  async hash(paths: readonly string[]): Promise<readonly string[]> {
    return paths.map((path) => createHash("sha256").update(this.#content(path)).digest("hex"));
  }

  async makeFolder(path: string, within: string): Promise<boolean> {
    if (!isWithin(path, within) || !isWithin(this.#real(path), this.#real(within))) return false;
    this.#folder(this.#real(path));
    return true;
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) for (const each of this.#nodes.keys()) if (isWithin(each, path)) this.#nodes.delete(each);
  }

  copy(): Promise<void> {
    return Promise.reject(new SluiceError("workflow-unsupported", "The dummy backend has no files to copy from."));
  }

  async *copyOut(
    files: readonly FileToPack[],
    { links }: { readonly links: boolean },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { path, name } of files) {
      const node = links ? this.#nodes.get(path) : this.#at(path);
      if (node === undefined) throw new Error(`${path} does not exist.`);
      if (node.kind === "file") yield encodeEntry({ name, type: "File", mode: node.mode, content: node.content });
      else if (node.kind === "folder") yield encodeEntry({ name, type: "Directory", mode: 0o755 });
      else yield encodeEntry({ name, type: "SymbolicLink", mode: 0o777, target: node.target });
    }
    yield endOfTar;
  }

  copyIn(tar: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<Unpacked> {
    const writer: EntryWriter = {
      folder: (root, path) => this.#folder(join(root, path)),
      file: async (root, path, { mode, content }) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of content) pieces.push(piece);
        this.#put(join(root, path), Buffer.concat(pieces), mode);
      },
      link: (root, path, target) => {
        this.#folder(dirname(join(root, path)));
        this.#nodes.set(join(root, path), { kind: "link", target });
      },
    };
    return readEntries(tar, options, writer);
  }

  #put(path: string, content: Buffer, mode = 0o644): void {
    this.#folder(dirname(path));
    this.#nodes.set(path, { kind: "file", content, mode });
  }

  #folder(path: string): void {
    const kind = this.#nodes.get(path)?.kind;
    if (kind === "folder") return;
    if (kind === "link") throw new SluiceError("artifact-unsafe", `${path} is a link.`);
    this.#folder(dirname(path));
    this.#nodes.set(path, { kind: "folder" });
  }

  #content(path: string): Buffer {
    const node = this.#at(path);
    if (node?.kind !== "file") throw new Error(`${path} is not a file.`);
    return node.content;
  }

  /** What a path leads to. */
  #at(path: string): Node | undefined {
    return this.#nodes.get(this.#real(path));
  }

  /** The path without links on its way; a link at its end stays one. */
  #place(path: string, depth = 0): string {
    return path === "/" ? path : join(this.#real(dirname(path), depth), basename(path));
  }

  /** The path without links. */
  #real(path: string, depth = 0): string {
    if (path === "/" || depth > 40) return path;
    const own = this.#place(path, depth);
    const node = this.#nodes.get(own);
    return node?.kind === "link" ? this.#real(resolve(dirname(own), node.target), depth + 1) : own;
  }
}

function entryOf(path: string, node: Node): Entry {
  return { path, kind: node.kind, size: node.kind === "file" ? node.content.length : 0 };
}
