import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Transfers } from "../../job/index.ts";
import { SluiceError } from "../../model/index.ts";

/**
 * Artifacts and caches of a local run, as files: artifacts in a folder for the run, caches in one that outlives it.
 * Names are encoded, so none can lead out of its folder.
 */
export function folderTransfers(artifacts: string, caches: () => string): Transfers {
  return {
    async uploadArtifact(name, content, { overwrite }) {
      const file = join(artifacts, `${encodeURIComponent(name)}.tar.gz`);
      if (!overwrite && (await exists(file)))
        throw new SluiceError("already-exists", `The run already has an artifact "${name}".`, {
          help: "Choose another name, or set overwrite: true.",
        });
      return { bytes: await write(file, content) };
    },
    async listArtifacts() {
      const names = await list(artifacts);
      return Promise.all(
        names.map(async (name) => ({
          name: decodeURIComponent(name.replace(/\.tar\.gz$/, "")),
          bytes: (await stat(join(artifacts, name))).size,
        })),
      );
    },
    async downloadArtifact(name) {
      const file = join(artifacts, `${encodeURIComponent(name)}.tar.gz`);
      if (!(await exists(file)))
        throw new SluiceError("not-found", `The run has no artifact "${name}".`, {
          help: "Check the name, and that the job needs the job that uploads it.",
        });
      return createReadStream(file);
    },
    async restoreCache(key, restoreKeys, version) {
      const folder = join(caches(), digest(version));
      const entries = await Promise.all(
        (await list(folder)).map(async (name) => ({
          key: decodeURIComponent(name),
          file: join(folder, name),
          at: (await stat(join(folder, name))).mtimeMs,
        })),
      );
      const newestFirst = entries.toSorted((a, b) => b.at - a.at);
      const hit =
        entries.find((each) => each.key === key) ??
        restoreKeys
          .map((prefix) => newestFirst.find((each) => each.key.startsWith(prefix)))
          .find((each) => each !== undefined);
      return hit === undefined
        ? undefined
        : { key: hit.key, exact: hit.key === key, content: createReadStream(hit.file) };
    },
    async saveCache(key, version, content) {
      const file = join(caches(), digest(version), encodeURIComponent(key));
      if (await exists(file)) return false;
      await write(file, content);
      return true;
    },
  };
}

async function write(file: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  await mkdir(join(file, ".."), { recursive: true });
  const unfinished = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    await pipeline(content, createWriteStream(unfinished, { flags: "wx" }));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return (await stat(file)).size;
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.endsWith(".part"));
  } catch {
    // Nothing has been written to this folder yet.
    return [];
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
