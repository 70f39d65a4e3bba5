import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { ExpressionFunction } from "../../expression/index.ts";
import { SluiceError } from "../../model/index.ts";
import { findFiles } from "../archive/glob.ts";

/** Reading goes on until it is done, and with it everything else in the runner's process waits. */
const mostBytes = 1024 ** 3;

/**
 * `hashFiles(pattern, …)`: one SHA-256 over the files of the workspace that match, in the order of their paths;
 * empty text when there are none. https://docs.github.com/actions/reference/workflows-and-actions/expressions#hashfiles
 */
export function hashFilesIn(workspace: string): ExpressionFunction {
  return (...args) => {
    const patterns = args
      .flatMap((arg) => (typeof arg === "string" ? arg.split("\n") : []))
      .filter((line) => line.trim() !== "");
    const follow = patterns[0] === "--follow-symbolic-links";
    if (follow) patterns.shift();
    if (patterns.length === 0) throw new SluiceError("workflow-expression", "hashFiles() needs at least one pattern.");
    const found = findFiles(patterns, { base: workspace, hidden: true, follow, within: workspace });
    if (found.files.length === 0) return "";
    const size = found.files.reduce((sum, file) => sum + statSync(file).size, 0);
    if (size > mostBytes)
      throw new SluiceError("workflow-expression", `hashFiles() would read ${size} bytes; ${mostBytes} is the most.`, {
        help: "Name the files that the key depends on, such as lock files.",
      });
    const all = createHash("sha256");
    const buffer = Buffer.allocUnsafe(65_536);
    for (const file of found.files) all.update(hashOf(file, buffer));
    return all.digest("hex");
  };
}

function hashOf(file: string, buffer: Buffer): Buffer {
  const hash = createHash("sha256");
  const fd = openSync(file, "r");
  try {
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer))
      hash.update(buffer.subarray(0, count));
  } finally {
    closeSync(fd);
  }
  return hash.digest();
}
