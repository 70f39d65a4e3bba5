import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, Script } from "node:vm";

/** What can be started of the build; its file in the folder of parts. Put here by the build. */
declare const partFiles: Readonly<Record<"program" | "compile" | "runner", string>>;

const folder = join(import.meta.dirname, "parts");

/** Node's modules that much of the program names and little of it uses. They load when something of them is used. */
const late = new Set([
  "crypto",
  "dns",
  "fs/promises",
  "http2",
  "https",
  "perf_hooks",
  "readline",
  "stream/promises",
  "timers/promises",
  "zlib",
]);

const loaded = new Map<string, { readonly exports: unknown }>();

/** Runs one part of the build; it loads others as it needs them. */
export function startPart(part: keyof typeof partFiles): void {
  loadPart(`./${partFiles[part]}`);
}

/**
 * Loads a part once, with the code that V8 made of it when the build tried it out. Node's compile cache has only what V8
 * compiles before a part runs; that one has every function that ran too, which is most of the time that a start takes.
 * Without it, or with another V8, they are compiled again. The names of parts have a digest of their content: V8 itself
 * hardly compares more than the length.
 */
function loadPart(name: string): unknown {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const file = join(folder, name);
  const cachedData = readIfPresent(`${file}.code`);
  // Latin-1 is not decoded, and the build makes sure that parts are ASCII.
  const script = new Script(readFileSync(file, "latin1"), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  script.runInThisContext()(module.exports, requirePart, module, file, folder);
  return module.exports;
}

function requirePart(name: string): unknown {
  if (name.startsWith("./")) return loadPart(name);
  return late.has(name.replace(/^node:/, "")) ? whenUsed(name) : require(name);
}

/** Stands for a module of Node that is not loaded yet. */
function whenUsed(name: string): object {
  const exports = (): object => require(name);
  return new Proxy(Object.create(null), {
    get: (_target, key) => Reflect.get(exports(), key),
    has: (_target, key) => Reflect.has(exports(), key),
    ownKeys: () => Reflect.ownKeys(exports()),
    getOwnPropertyDescriptor: (_target, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(exports(), key);
      // A proxy may not have fixed properties that its target lacks.
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
    },
  });
}

function readIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    // Nothing of this part ran when the build was tried out.
    return undefined;
  }
}
