import type { Transfers } from "../job/index.ts";
import { type Lease, SluiceError } from "../model/index.ts";
import type { ArtifactInfo, RunnerChannel } from "./channel.ts";
import { spool } from "./spool.ts";

export interface TransferOptions {
  readonly channel: RunnerChannel;
  readonly lease: Lease;
  /** Folder for uploads on their way. */
  readonly folder: string;
  /** Makes the call, again and again while the server is away. */
  readonly again: <T>(call: () => Promise<T>) => Promise<T>;
}

/** A job's artifacts and caches over the channel; a server that goes away meanwhile costs time and nothing else. */
export function transfersFor({ channel, lease, folder, again }: TransferOptions): Transfers {
  return {
    uploadArtifact: (name, content, options) =>
      spooled(content, folder, (from, bytes) => {
        let tries = 0;
        return again(() => {
          tries += 1;
          const upload = channel.uploadArtifact(lease, name, from(), options);
          return tries === 1 ? upload : orThereAlready(upload, { channel, lease, name, bytes });
        });
      }),
    listArtifacts: () => again(() => channel.listArtifacts(lease)),
    downloadArtifact: (name) => again(() => channel.downloadArtifact(lease, name)),
    restoreCache: (key, restoreKeys, version) => again(() => channel.restoreCache(lease, key, restoreKeys, version)),
    saveCache: (key, version, content) =>
      spooled(content, folder, (from) => again(() => channel.saveCache(lease, key, version, from()))),
  };
}

async function spooled<T>(
  content: AsyncIterable<Uint8Array>,
  folder: string,
  send: (from: () => AsyncIterable<Uint8Array>, bytes: number) => Promise<T>,
): Promise<T> {
  const upload = await spool(content, folder);
  try {
    return await send(() => upload.content(), upload.bytes);
  } finally {
    await upload.release();
  }
}

/** An upload that is made again may have come through the first time, when only the answer was lost. */
async function orThereAlready(
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
