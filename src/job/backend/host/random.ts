import { closeSync, openSync, readSync } from "node:fs";

/** Random bytes in hexadecimal, from the system. Loading node:crypto for a name would take a tenth of a bare start of Node. */
export function randomHex(bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  const device = openSync("/dev/urandom", "r");
  try {
    // In one piece: https://man7.org/linux/man-pages/man4/random.4.html promises that up to 256 bytes.
    if (readSync(device, buffer) !== bytes) throw new Error("/dev/urandom gave fewer bytes than were asked for.");
  } finally {
    closeSync(device);
  }
  return buffer.toString("hex");
}
