import { createHash } from "node:crypto";
import { SluiceError, type Json } from "../model/index.ts";
import { findFiles } from "./archive/search.ts";
import type { Environment } from "./backend/port.ts";

/** More is a mistake in the pattern: GitHub gives up after two minutes. */
const mostBytes = 1024 ** 3;

/**
 * `hashFiles(pattern, …)`: one SHA-256 over the matching files of the workspace, sorted by path; empty text if there
 * are none. https://docs.github.com/actions/reference/workflows-and-actions/expressions#hashfiles
 * @throws SluiceError `workflow-expression` without a pattern, or if the files are larger than 1 GiB.
 */
export async function hashFiles(environment: Environment, args: readonly Json[]): Promise<string> {
  const patterns = args
    .flatMap((arg) => (typeof arg === "string" ? arg.split("\n") : []))
    .filter((line) => line.trim() !== "");
  const follow = patterns[0] === "--follow-symbolic-links";
  if (follow) patterns.shift();
  if (patterns.length === 0) throw new SluiceError("workflow-expression", "hashFiles() needs at least one pattern.");
  const { workspace } = environment.folders;
  const { files } = await findFiles(environment, patterns, {
    base: workspace,
    hidden: true,
    follow,
    within: workspace,
  });
  if (files.length === 0) return "";
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > mostBytes)
    throw new SluiceError("workflow-expression", `hashFiles() would read ${size} bytes; the limit is ${mostBytes}.`, {
      help: "Name the files that the key depends on, for example lock files.",
    });
  const all = createHash("sha256");
  for (const hash of await environment.hash(files.map((file) => file.path))) all.update(Buffer.from(hash, "hex"));
  return all.digest("hex");
}
