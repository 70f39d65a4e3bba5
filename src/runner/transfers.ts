import type { Transfers } from "../job/port.ts";
import type { Lease } from "../model/index.ts";
import type { RunnerChannel } from "./channel.ts";

export interface Calls {
  /** Makes the call, again and again while the server is away. */
  again<T>(call: () => Promise<T>): Promise<T>;
  /** Makes the call once. */
  once<T>(call: () => Promise<T>): Promise<T>;
}

/**
 * A job's artifacts and caches over the channel. Calls that only ask are made again while the server is away; an
 * upload's content flows once, so its failure is the step's.
 */
export function transfersFor(channel: RunnerChannel, lease: Lease, { again, once }: Calls): Transfers {
  return {
    uploadArtifact: (name, content, options) => once(() => channel.uploadArtifact(lease, name, content, options)),
    listArtifacts: () => again(() => channel.listArtifacts(lease)),
    downloadArtifact: (name) => again(() => channel.downloadArtifact(lease, name)),
    restoreCache: (key, restoreKeys, version) => again(() => channel.restoreCache(lease, key, restoreKeys, version)),
    saveCache: (key, version, content) => once(() => channel.saveCache(lease, key, version, content)),
  };
}
