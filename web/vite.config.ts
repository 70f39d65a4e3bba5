import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Browsers that support `light-dark()`, relative colours and `:has()`: nothing is transpiled for older ones. */
const target = ["chrome123", "firefox128", "safari18"];

/** Writes a .br and .gz copy of each text file, so that the server need not compress the same bytes again. */
function compressed(): Plugin {
  let folder = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir, "assets");
    },
    closeBundle: async () => {
      const files = (await readdir(folder)).filter((file) => /\.(?:js|css|svg)$/.test(file));
      await Promise.all(
        files.map(async (file) => {
          const content = await readFile(join(folder, file));
          await writeFile(join(folder, `${file}.br`), await promisify(brotliCompress)(content));
          await writeFile(join(folder, `${file}.gz`), await promisify(gzip)(content, { level: 9 }));
        }),
      );
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react(), tailwindcss(), compressed()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target,
    // Every asset is a separate file: the Content-Security-Policy allows no data: URLs for scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8420", "/git": "http://127.0.0.1:8420" } },
});
