import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const place = mkdtempSync(join(tmpdir(), "sluice-built-"));
afterAll(() => rmSync(place, { recursive: true }));

/** Preloaded: prints the parts whose stored code V8 refused, and how many it took. */
const watch = `data:text/javascript,${encodeURIComponent(`
  import vm from "node:vm";
  const refused = [];
  let taken = 0;
  let size = 0;
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      super(source, options);
      size += source.length;
      if (this.cachedDataRejected === true) refused.push(options.filename);
      if (this.cachedDataRejected === false) taken += 1;
    }
  };
  process.once("exit", () => process.stderr.write(JSON.stringify({ refused, taken, size })));
`)}`;

describe("the built program", () => {
  it("starts with the code that V8 compiled when it was built, and with no more of itself than it needs", () => {
    const workflow = join(root, "examples/greeter/.github/workflows/ci.yml");
    const { stderr } = spawnSync(join(root, "bin/sluice"), ["run", "--backend", "dummy", workflow], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], NODE_OPTIONS: `--import ${watch}` },
    });
    const { refused, taken, size } = JSON.parse(stderr.split("\n").at(-1) ?? "");
    expect(refused).toEqual([]);
    expect(taken).toBeGreaterThan(10);
    // In bytes, and without Zod and the server: a star missing in a room's index.ts is enough to load them.
    expect(size).toBeLessThan(1_250_000);
  });

  it("works where that code is missing", () => {
    for (const folder of ["bin", "dist"]) cpSync(join(root, folder), join(place, folder), { recursive: true });
    const parts = join(place, "dist/parts");
    for (const name of readdirSync(parts)) if (name.endsWith(".code")) rmSync(join(parts, name));
    const told = execFileSync(join(place, "bin/sluice"), ["lint", "--help"], {
      encoding: "utf8",
      env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
    });
    expect(told).toMatch(/^Usage: sluice lint/);
  });
});
