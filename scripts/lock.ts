/**
 * Completes package-lock.json with the packages of other platforms. npm omits those that the current registry does not
 * have, and `npm ci` then rejects the lock everywhere. With --check it writes nothing and fails if some are missing, or
 * if the lock contains download addresses.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";

const file = "package-lock.json";
const entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lock = z.looseObject({ packages: z.record(z.string(), entry) }).parse(JSON.parse(readFileSync(file, "utf8")));

const missing: Record<string, object> = {};
const problems: string[] = [];
for (const [place, { optionalDependencies = {}, dev, resolved }] of Object.entries(lock.packages)) {
  if (resolved?.startsWith("http") === true) problems.push(`${place} contains a download address`);
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const platform = platformOf(name);
    if (platform === undefined || !/^\d+\.\d+\.\d+$/.test(version) || isPresent(place, name)) continue;
    missing[`node_modules/${name}`] = { version, ...platform, ...(dev === true ? { dev } : {}), optional: true };
    problems.push(`${name} is missing`);
  }
}

if (process.argv.includes("--check")) {
  for (const problem of problems) console.error(`${file}: ${problem}`);
  if (problems.length > 0) console.error("Run 'node scripts/lock.ts' and commit the result.");
  process.exitCode = problems.length > 0 ? 1 : 0;
} else {
  const packages = Object.entries({ ...lock.packages, ...missing }).map(
    ([place, { resolved: _resolved, ...rest }]: [string, { resolved?: unknown }]) => [place, rest] as const,
  );
  const sorted = packages.toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`added ${Object.keys(missing).length} packages of other platforms`);
}

function isPresent(place: string, name: string): boolean {
  return `node_modules/${name}` in lock.packages || `${place}/node_modules/${name}` in lock.packages;
}

/** The platform of a package of binaries, by the end of its name, as napi-rs names them. */
function platformOf(name: string): { os?: string[]; cpu: string[]; libc?: string[] } | undefined {
  if (name.endsWith("-wasm32-wasi")) return { cpu: ["wasm32"] };
  const match =
    /[-/](aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(gnu|gnueabihf|musl|musleabihf|msvc|eabi))?$/.exec(
      name,
    );
  if (match === null) return undefined;
  const [, os = "", cpu = "", abi = ""] = match;
  const libc = abi.startsWith("gnu") ? ["glibc"] : abi.startsWith("musl") ? ["musl"] : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc }) };
}
