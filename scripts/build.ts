/**
 * Makes dist/: the command line (one small entry, each command and room in chunks loaded when needed) and the page.
 * Types are not checked here: `npm run typecheck` does that.
 */
import { rm } from "node:fs/promises";
import { build } from "esbuild";
import { build as buildPage } from "vite";

await rm("dist", { recursive: true, force: true });
await Promise.all([buildCommandLine(), buildPage({ configFile: "web/vite.config.ts", logLevel: "warn" })]);

async function buildCommandLine(): Promise<void> {
  await build({
    // Beside the command line: the thread that compiles, and the process that a server which is root has its runner in.
    entryPoints: {
      sluice: "src/cli/main.ts",
      "compile-worker": "src/server/compile/worker.ts",
      runner: "src/runner/child/main.ts",
    },
    outdir: "dist",
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    chunkNames: "chunks/[name]-[hash]",
    sourcemap: "linked",
    // Names stay readable in stack traces; size does not matter much on a server, parsing time does.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    // CommonJS packages in the bundle call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    // Optional drivers that pg and pino name but do not need.
    external: ["pg-native", "cloudflare:sockets", "pino-pretty"],
    logLevel: "warning",
  });
}
