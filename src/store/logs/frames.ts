import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { SluiceError } from "../../model/index.ts";
import { readFully, writeFully } from "../disk.ts";
import type { Content } from "./content.ts";

/*
 * A compressed log: zstd frames that can be decompressed individually, then their table in a skippable frame (RFC 8878,
 * 3.1.2), so that `zstd -d` can read the file too. The table has the offset of every frame as a 64-bit float; the
 * footer after it: bytes, newlines, number of frames, bytes per frame, and a marker that identifies a complete file.
 */

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Bytes of the log per frame: the most that must be decompressed to show one line. */
export const frameSize = 256 * 1024;
const skippable = 0x184d2a5e;
const footerSize = 32;
const footerMark = 0x31474f4c; // "LOG1"

export interface FramedLog {
  readonly length: number;
  readonly newlines: number;
  readonly content: Content;
}

/** Writes the log into an empty file. */
export async function writeFrames(source: Content, length: number, newlines: number, file: FileHandle): Promise<void> {
  const places: number[] = [];
  let place = 0;
  for (let position = 0; position < length; position += frameSize) {
    const frame = await compress(await source.read(position, Math.min(frameSize, length - position)), {
      params: { [constants.ZSTD_c_compressionLevel]: 3 },
    });
    places.push(place);
    await writeFully(file, frame, place);
    place += frame.length;
  }
  places.push(place);
  const table = Buffer.alloc(8 + places.length * 8 + footerSize);
  table.writeUInt32LE(skippable, 0);
  table.writeUInt32LE(table.length - 8, 4);
  for (const [at, value] of places.entries()) table.writeDoubleLE(value, 8 + at * 8);
  const footer = table.subarray(table.length - footerSize);
  footer.writeDoubleLE(length, 0);
  footer.writeDoubleLE(newlines, 8);
  footer.writeDoubleLE(places.length - 1, 16);
  footer.writeUInt32LE(frameSize, 24);
  footer.writeUInt32LE(footerMark, 28);
  await writeFully(file, table, place);
}

/** Opens a compressed log; throws `storage-broken` when it is not one. */
export async function openFrames(path: string): Promise<FramedLog> {
  const file = await open(path, "r");
  try {
    return await readFooter(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readFooter(file: FileHandle, path: string): Promise<FramedLog> {
  const { size } = await file.stat();
  const footer = await readFully(file, Math.max(0, size - footerSize), footerSize);
  const frames = footer.length === footerSize && footer.readUInt32LE(28) === footerMark ? footer.readDoubleLE(16) : -1;
  const table = size - footerSize - (frames + 1) * 8;
  if (frames < 0 || table < 8) throw new SluiceError("storage-broken", `The compressed log ${path} is damaged.`);
  const length = footer.readDoubleLE(0);
  const each = footer.readUInt32LE(24);
  const newest = new NewestFrame(file, path, table);
  return { length, newlines: footer.readDoubleLE(8), content: { read, close: () => file.close() } };

  async function read(position: number, wanted: number): Promise<Buffer> {
    const end = Math.min(position + wanted, length);
    const parts: Buffer[] = [];
    for (let at = position; at < end; ) {
      const number = Math.floor(at / each);
      const frame = await newest.frame(number);
      const part = frame.subarray(at - number * each, end - number * each);
      if (part.length === 0)
        throw new SluiceError("storage-broken", `The compressed log ${path} is shorter than its table says.`);
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }
}

/** Caches the last frame: pages and searches read a log in order. */
class NewestFrame {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #table: number;
  #newest: { readonly number: number; readonly bytes: Promise<Buffer> } | undefined;

  constructor(file: FileHandle, path: string, table: number) {
    this.#file = file;
    this.#path = path;
    this.#table = table;
  }

  frame(number: number): Promise<Buffer> {
    if (this.#newest?.number !== number) this.#newest = { number, bytes: this.#read(number) };
    return this.#newest.bytes;
  }

  async #read(number: number): Promise<Buffer> {
    const entry = await readFully(this.#file, this.#table + number * 8, 16);
    const from = entry.readDoubleLE(0);
    const to = entry.readDoubleLE(8);
    try {
      return await decompress(await readFully(this.#file, from, to - from), { maxOutputLength: frameSize });
    } catch (error) {
      throw new SluiceError("storage-broken", `The compressed log ${this.#path} is damaged.`, { cause: error });
    }
  }
}
