import type { Blobs, Store } from "../../store/index.ts";

/** Removes expired artifacts, the bytes before the row: what a crash leaves is found again next time. */
export async function expireArtifacts(store: Store, blobs: Blobs, now: number): Promise<number> {
  const expired = await store.artifacts.expired(now);
  for (const artifact of expired) {
    await blobs.remove(artifact.blob);
    await store.artifacts.remove(artifact.id);
  }
  return expired.length;
}
