import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/** Bytes between two pauses that give the runner's other work a turn. */
const stretchBytes = 8 * 1024 * 1024;

const buffer = Buffer.allocUnsafe(65_536);

/** The SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const fd = openSync(path, "r");
  try {
    let stretch = 0;
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
      hash.update(buffer.subarray(0, count));
      stretch += count;
      if (stretch < stretchBytes) continue;
      stretch = 0;
      await setImmediate();
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}
