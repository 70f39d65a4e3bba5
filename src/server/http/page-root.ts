import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the built page: beside the bundle, or in dist/ when running from the source. Undefined if it was not
 * built.
 */
export async function findWebRoot(): Promise<string | undefined> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); dirname(folder) !== folder; folder = dirname(folder)) {
    for (const candidate of [join(folder, "web"), join(folder, "dist", "web")]) {
      // web/ of the source has an index.html too, but its scripts are not built.
      if ((await isThere(join(candidate, "index.html"))) && (await isThere(join(candidate, "assets"))))
        return candidate;
    }
    if (await isThere(join(folder, "package.json"))) return undefined;
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
