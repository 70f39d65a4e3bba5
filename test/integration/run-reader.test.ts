import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { sluice } from "../support/sluice.ts";

it("a reader that goes away ends a run without a stack, and nothing stays behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-reader-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  mkdirSync(join(folder, "scratch"));
  mkdirSync(join(folder, "tree/.github/workflows"), { recursive: true });
  writeFileSync(
    join(folder, "tree/.github/workflows/a.yml"),
    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: while :; do echo line; sleep 0.05; done\n",
  );
  const child = spawn(sluice, ["run"], {
    cwd: join(folder, "tree"),
    env: { ...process.env, TMPDIR: join(folder, "scratch") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise<number | null>((done) => child.on("close", done));
  expect(errors.join("")).toBe("");
  expect(code).toBe(130);
  expect(readdirSync(join(folder, "scratch")).filter((name) => name.startsWith("sluice-run-"))).toEqual([]);
});
