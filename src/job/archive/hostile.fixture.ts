import { Header } from "tar";

export interface HostileEntry {
  readonly path: string;
  readonly type?: "File" | "Directory" | "SymbolicLink" | "Link" | "CharacterDevice" | "FIFO";
  readonly linkpath?: string;
  readonly body?: string;
  /** The size claimed by the header. */
  readonly size?: number;
}

/** A tar as an attacker would write it: every header by hand. */
export function tarOf(entries: readonly HostileEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const entry of entries) {
    const body = Buffer.from(entry.body ?? "");
    const header = new Header({
      path: entry.path,
      type: entry.type ?? "File",
      mode: 0o4755,
      size: entry.size ?? body.length,
      mtime: new Date(0),
      linkpath: entry.linkpath ?? "",
      uid: 0,
      gid: 0,
      uname: "",
      gname: "",
    });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    blocks.push(block, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The bytes in one piece. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
