import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// The compile cache is stored beside the build, not in the shared temporary folder, where others could plant code.
enableCompileCache(fileURLToPath(new URL("./.compiled", import.meta.url)));

const { main } = await import("./program.ts");
await main(process.argv.slice(2));
