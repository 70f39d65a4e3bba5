const newline = 10;
const sample = 1_024;
/** Newlines in the sample above which checking every byte is faster than searching for each newline. */
const dense = 32;

/**
 * The number of newlines in the bytes. About 0.8 GB/s for usual lines; half of it for hostile ones (nothing but
 * newlines).
 */
export function countNewlines(bytes: Buffer): number {
  const head = Math.min(sample, bytes.length);
  let count = countEach(bytes, 0, head);
  if (count > dense) return count + countEach(bytes, head, bytes.length);
  for (let at = bytes.indexOf(newline, head); at !== -1; at = bytes.indexOf(newline, at + 1)) {
    count += 1;
    // The rest may be denser than the beginning.
    if ((count & 0xfff) === 0 && at < count * 24) return count + countEach(bytes, at + 1, bytes.length);
  }
  return count;
}

function countEach(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (bytes[at] === newline) count += 1;
  return count;
}

/** The position after the `nth` newline (from 1), or -1 if there are fewer. */
export function afterNewline(bytes: Buffer, nth: number): number {
  let at = -1;
  for (let left = nth; left > 0; left -= 1) {
    at = bytes.indexOf(newline, at + 1);
    if (at === -1) return -1;
  }
  return at + 1;
}

/** The bytes as a buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
