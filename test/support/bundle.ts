import { basename, join } from "node:path";
import { build } from "esbuild";

/** Makes one file of a test program, which can then be killed in a process of its own. Answers with its path. */
export async function bundle(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, basename(entry).replace(/\.ts$/, ".mjs"));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    external: ["pg-native", "cloudflare:sockets"],
    logLevel: "error",
  });
  return outfile;
}
