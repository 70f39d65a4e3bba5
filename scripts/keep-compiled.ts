/**
 * Preloaded into a program of the build (`node --import`): when it exits, writes V8's compiled code of its parts beside
 * them, including the functions that ran.
 */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import vm from "node:vm";
import { parentPort } from "node:worker_threads";

const parts = resolve(import.meta.dirname, "../dist/parts");
const scripts = new Map<string, vm.Script>();

vm.Script = class extends vm.Script {
  constructor(source: string, options: vm.ScriptOptions) {
    super(source, options);
    if (options.filename !== undefined && dirname(options.filename) === parts) scripts.set(options.filename, this);
  }
};

process.once("exit", () => {
  for (const [file, script] of scripts) {
    const code = `${file}.code`;
    // Reuses what an earlier program stored for a part.
    if (!existsSync(code)) writeFileSync(code, script.createCachedData());
  }
});

// A thread that is killed has no last moment in which to write.
parentPort?.on("message", (message) => {
  if (message === "end") process.exit();
});
