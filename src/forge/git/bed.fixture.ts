import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ForgeBed } from "../conformance.fixture.ts";
import { GitForge } from "./forge.ts";
import type { GitPlace } from "./places.ts";
import { Testbed } from "./testbed.ts";

interface GitBed extends ForgeBed {
  readonly forge: GitForge;
  readonly folder: string;
  /** Path of the attached repository. */
  readonly bare: string;
  readonly warnings: readonly string[];
}

/** A forge of plain git with one attached repository. */
export async function gitBed(): Promise<GitBed> {
  const bed = await Testbed.create();
  const places = new Map<string, GitPlace>();
  const warnings: string[] = [];
  const forge = new GitForge({
    folder: join(bed.folder, "made"),
    places: {
      add: async (place) => void places.set(place.remoteId, places.get(place.remoteId) ?? place),
      byId: async (remoteId) => places.get(remoteId),
      remove: async (remoteId) => void places.delete(remoteId),
    },
    baseUrl: "http://127.0.0.1",
    credential: (repositoryId, minutes) => `a password for ${repositoryId}, good for ${minutes} minutes`,
    now: () => 1_700_000_000_000,
    warn: (message) => warnings.push(message),
  });
  const found = await forge.find({ name: "app", path: bed.bare });
  return {
    forge,
    folder: bed.folder,
    bare: bed.bare,
    warnings,
    repository: { id: "1", name: "app", ...found },
    commit: async (message, files) => bed.commit(message, files),
    git: async (...args) => bed.git(bed.tree, ...args),
    push: async (...args) => bed.push(...args),
    lose: async () => rm(bed.bare, { recursive: true }),
    async [Symbol.asyncDispose]() {
      await forge.close();
      await bed[Symbol.asyncDispose]();
    },
  };
}
