import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../../model/index.ts";

/** Keys that the server signs with, each derived for one purpose from the secret in its data folder. */
export interface SigningKey {
  sign(text: string): string;
  /** Compares in constant time. */
  verify(text: string, signature: string): boolean;
  /** A few characters that distinguish servers and reveal nothing. */
  readonly fingerprint: string;
}

/**
 * The secret of the data folder, created at the first start (mode 0600). Losing it signs everyone out and invalidates
 * runners' clone tokens; nothing else. Rejects with `storage-broken` if the file is damaged.
 */
export async function serverSecret(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, "server.key");
  const present = await readFile(path).catch(() => undefined);
  if (present === undefined) {
    // Written completely to another file first, then linked: a killed start leaves no partial secret.
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, randomBytes(32), { mode: 0o600, flush: true });
    await link(draft, path).finally(() => rm(draft, { force: true }));
    return readFile(path);
  }
  if (present.length !== 32)
    throw new SluiceError("storage-broken", `${path} is damaged.`, {
      help: "Restore it, or remove it to have a new one created: people must then sign in again.",
    });
  return present;
}

/** Derives a key for one purpose, so that a signature for one is never valid for another. */
export function signingKey(secret: Uint8Array, purpose: string): SigningKey {
  const key = Buffer.from(hkdfSync("sha256", secret, "", `sluice ${purpose}`, 32));
  const sign = (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
  return {
    sign,
    verify(text, signature) {
      const expected = Buffer.from(sign(text));
      const given = Buffer.from(signature);
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
    fingerprint: sign("fingerprint")
      .replace(/[^A-Za-z0-9]/g, "")
      .slice(0, 8),
  };
}
