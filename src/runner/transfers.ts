import type { Transfers } from "../job/index.ts";
import { type Lease, SluiceError } from "../model/index.ts";
import type { ArtifactInfo, RunnerChannel } from "./channel.ts";
import { bufferUpload } from "./upload-buffer.ts";

export interface TransferOptions {
  readonly channel: RunnerChannel;
  readonly lease: Lease;
  /** Folder for uploads in transit. */
  readonly folder: string;
  /** Makes the call, retrying while the server is unavailable. */
  readonly again: <T>(call: () => Promise<T>) => Promise<T>;
}

/** A job's artifacts and caches over the channel; an unavailable server only costs time. */
export function transfersFor({ channel, lease, folder, again }: TransferOptions): Transfers {
  return {
    uploadArtifact: (name, content, options) =>
      withBuffer(content, folder, (from, bytes) => {
        let tries = 0;
        return again(() => {
          tries += 1;
          const upload = channel.uploadArtifact(lease, name, from(), options);
          return tries === 1 ? upload : orAlreadyUploaded(upload, { channel, lease, name, bytes });
        });
      }),
    listArtifacts: () => again(() => channel.listArtifacts(lease)),
    downloadArtifact: (name) => again(() => channel.downloadArtifact(lease, name)),
    restoreCache: (key, restoreKeys, version) => again(() => channel.restoreCache(lease, key, restoreKeys, version)),
    saveCache: (key, version, content) =>
      withBuffer(content, folder, (from) => again(() => channel.saveCache(lease, key, version, from()))),
  };
}

async function withBuffer<T>(
  content: AsyncIterable<Uint8Array>,
  folder: string,
  send: (from: () => AsyncIterable<Uint8Array>, bytes: number) => Promise<T>,
): Promise<T> {
  const upload = await bufferUpload(content, folder);
  try {
    return await send(() => upload.content(), upload.bytes);
  } finally {
    await upload.release();
  }
}

/** A retried upload may have succeeded the first time, if only the response was lost. */
async function orAlreadyUploaded(
  upload: Promise<ArtifactInfo>,
  { channel, lease, name, bytes }: { channel: RunnerChannel; lease: Lease; name: string; bytes: number },
): Promise<ArtifactInfo> {
  try {
    return await upload;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "already-exists") throw error;
    const there = (await channel.listArtifacts(lease)).find(
      (artifact) => artifact.name === name && artifact.bytes === bytes,
    );
    if (there === undefined) throw error;
    return there;
  }
}
