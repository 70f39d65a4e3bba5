import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../dist/web");
const built = await access(join(root, "index.html")).then(
  () => true,
  () => false,
);
if (!built) {
  if (process.env.CI) throw new Error("The page is not built: run `npm run build` first.");
  console.log("skipped: the page is not built (npm run build)");
}

/** Compressed script that a first load of Now or of a run may cost, in bytes. */
const LIMIT = 200_000;

/** The scripts that `file` brings with it before it can run: itself and all that it imports, directly or not, but not on demand. */
async function withImports(file: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(file)) return found;
  found.add(file);
  const code = await readFile(join(root, "assets", file), "utf8");
  const imports = code.matchAll(/(?:\bimport|\bfrom)\s*["']\.\/([^"']+\.js)["']/g);
  for (const [, name] of imports) if (name !== undefined) await withImports(name, found);
  return found;
}

describe.skipIf(!built)("the built page", () => {
  it("stays within its budget of script for Now and the run page", async () => {
    const html = await readFile(join(root, "index.html"), "utf8");
    const entries = [...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].flatMap(([, name]) => name ?? []);
    expect(entries.length).toBeGreaterThan(0);
    const scripts = new Set<string>();
    for (const entry of entries) await withImports(entry, scripts);
    let total = 0;
    for (const script of scripts) total += gzipSync(await readFile(join(root, "assets", script)), { level: 9 }).length;
    console.log(`script for Now and the run page: ${total} bytes compressed in ${scripts.size} files`);
    expect(total).toBeLessThan(LIMIT);
  });

  it("has no inline script or style, names no other host, and carries hashes in its names", async () => {
    const html = await readFile(join(root, "index.html"), "utf8");
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/<style|\bstyle=|\bon[a-z]+=/);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const [, name] of html.matchAll(/(?:src|href)="([^"]+)"/g))
      expect(name).toMatch(/^\/assets\/[\w.-]+-[\w-]{8}\.\w+$/);
  });

  it("brings every file compressed as well, the same content", async () => {
    const html = await readFile(join(root, "index.html"), "utf8");
    const names = [...html.matchAll(/"\/assets\/([^"]+\.(?:js|css))"/g)].flatMap(([, name]) => name ?? []);
    for (const name of names) {
      const content = await readFile(join(root, "assets", name));
      expect(brotliDecompressSync(await readFile(join(root, "assets", `${name}.br`))).equals(content)).toBe(true);
      expect(gunzipSync(await readFile(join(root, "assets", `${name}.gz`))).equals(content)).toBe(true);
    }
    expect(names.length).toBeGreaterThan(1);
  });
});
