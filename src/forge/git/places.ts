import { createHash } from "node:crypto";
import { forgeError } from "../failure.ts";
import type { RemoteRepository } from "../port.ts";

/** Where a repository is on the server's disk. */
export interface GitPlace {
  readonly remoteId: string;
  /** Absolute path of the bare repository. */
  readonly path: string;
  /** True if Sluice created it in its data folder; false if an admin attached it. */
  readonly managed: boolean;
}

/** The adapter's own table. */
export interface GitPlaces {
  /** Keeps the existing row if the id is known. */
  add(place: GitPlace): Promise<void>;
  byId(remoteId: string): Promise<GitPlace | undefined>;
  remove(remoteId: string): Promise<void>;
}

/** The id that plain git gives a repository when it first sees it; stored ids never change. */
export function remoteIdOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 32);
}

/** Rejects with `not-found`. */
export async function placeOf(places: GitPlaces, { remoteId, name }: RemoteRepository): Promise<GitPlace> {
  const place = await places.byId(remoteId);
  if (place === undefined) throw forgeError("missing", `The location of the git repository ${name} is unknown.`);
  return place;
}
