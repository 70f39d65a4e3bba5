import { Header, Pax } from "tar";

/** An entry of a tar built in memory. */
export interface EntryToEncode {
  readonly name: string;
  readonly type: "File" | "Directory" | "SymbolicLink";
  readonly mode: number;
  readonly modified?: Date;
  readonly content?: Uint8Array;
  readonly target?: string;
}

/** The bytes of one entry: its header, extended if its name is too long, and its padded content. */
export function encodeEntry({ name, type, mode, modified, content, target }: EntryToEncode): Buffer {
  const fields = {
    path: type === "Directory" ? `${name}/` : name,
    type,
    mode,
    size: content?.length ?? 0,
    mtime: modified ?? new Date(0),
    ...(target === undefined ? {} : { linkpath: target }),
    uid: 0,
    gid: 0,
    uname: "",
    gname: "",
  };
  const header = Buffer.alloc(512);
  const extended = new Header(fields).encode(header, 0) ? new Pax(fields).encode() : Buffer.alloc(0);
  const body = content ?? new Uint8Array(0);
  return Buffer.concat([extended, header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** The end marker of a tar. */
export const endOfTar: Uint8Array = Buffer.alloc(1024);
