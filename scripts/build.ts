/**
 * Builds dist/: the program (small entries, and parts loaded on demand) and the page. Does not check types: `npm run
 * typecheck` does.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { build, type BuildOptions, type OutputFile, transform, type TransformOptions } from "esbuild";
import { build as buildPage } from "vite";
import { tryOut } from "./try-out.ts";

const parts = "dist/parts";

/** The entry points: the command line, the compile thread, and the runner process of a root server. */
const entries = [
  { name: "sluice", part: "program", source: "src/cli/main.ts", contents: 'import "./src/cli/entry.ts";' },
  { name: "compile-worker", part: "compile", source: "src/server/compile/worker.ts" },
  { name: "runner", part: "runner", source: "src/runner/child/main.ts" },
];

const common = {
  platform: "node",
  target: "node24",
  // Names stay readable in stack traces; size matters little on a server.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
} as const satisfies BuildOptions & TransformOptions;

await rm("dist", { recursive: true, force: true });
await mkdir(parts, { recursive: true });
await Promise.all([buildProgram(), buildPage({ configFile: "web/vite.config.ts", logLevel: "warn" })]);

async function buildProgram(): Promise<void> {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: Object.fromEntries(entries.map(({ part, source }) => [part, source])),
    outdir: parts,
    entryNames: "[name]-[hash]",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    sourcemap: "inline",
    metafile: true,
    define: { "import.meta.url": "partUrl" },
    // Optional drivers that pg and pino reference but do not need.
    external: ["pg-native", "cloudflare:sockets", "pino-pretty"],
    // @fastify/static loads it for a mode that we do not use; it would take 1 MB of each server's memory.
    alias: { glob: "./scripts/no-glob.ts" },
    write: false,
  });
  await Promise.all(outputFiles.map(writePart));
  const files = Object.entries(metafile.outputs).map(([file, { entryPoint }]) => ({ file, entryPoint }));
  const partFiles = Object.fromEntries(
    entries.map(({ part, source }) => [
      part,
      basename(files.find(({ entryPoint }) => entryPoint === source)?.file ?? ""),
    ]),
  );
  await Promise.all(entries.map((entry) => writeEntry(entry, partFiles)));
  await tryOut();
}

/**
 * Parts are CommonJS, run by `vm.Script`: only the used modules of Node are loaded. esbuild can only split ECMAScript
 * modules, so they are converted afterwards.
 */
async function writePart({ path, text }: OutputFile): Promise<void> {
  const name = basename(path);
  const url = text.includes("partUrl") ? 'const partUrl=require("node:url").pathToFileURL(__filename).href;' : "";
  const { code, map } = await transform(text, {
    ...common,
    format: "cjs",
    supported: { "dynamic-import": false },
    banner: `(function(exports,require,module,__filename,__dirname){"use strict";${url}`,
    footer: "})",
    sourcefile: name,
    sourcemap: "external",
  });
  // V8 needs twice the memory for a text with other characters. esbuild escapes all but regular expressions.
  const foreign = /.{0,40}[^\0-\x7f].{0,20}/.exec(code);
  if (foreign !== null)
    throw new Error(`The program contains a character beyond ASCII; escape it in the source: ${foreign[0]}`);
  await writeFile(`${parts}/${name}`, `${code}//# sourceMappingURL=${name}.map\n`);
  await writeFile(`${parts}/${name}.map`, map);
}

async function writeEntry(
  { name, part, contents }: (typeof entries)[number],
  partFiles: Readonly<Record<string, string>>,
): Promise<void> {
  await build({
    ...common,
    stdin: {
      contents: contents ?? `import { startPart } from "./src/cli/parts.ts"; startPart("${part}");`,
      resolveDir: ".",
      sourcefile: `${name}.ts`,
      loader: "ts",
    },
    outfile: `dist/${name}.cjs`,
    bundle: true,
    format: "cjs",
    define: { partFiles: JSON.stringify(partFiles), "import.meta.dirname": "__dirname" },
  });
}
