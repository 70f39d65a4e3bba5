import * as z from "zod";

/** A full object name, SHA-1 only: what all other code expects of a `sha`. */
export const shaSchema = z.string().regex(/^[0-9a-f]{40}$/, "a commit is 40 hexadecimal characters");

/** git's name for an object that does not exist. */
export const zeroSha = "0".repeat(40);

const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/**
 * A repository's name: `name` or `owner/name`. It becomes a path in the data folder and part of URLs, so each part
 * begins with a letter, digit or underscore and contains neither `..` nor git's own endings.
 */
export const repositoryNameSchema = z
  .string()
  .max(201)
  .refine(
    isRepositoryName,
    "a repository is called `name` or `owner/name`, with letters, digits, `.`, `_` and `-`, and must not end in .git or .lock",
  );

function isRepositoryName(name: string): boolean {
  const parts = name.split("/");
  return (
    parts.length <= 2 &&
    parts.every((part) => segment.test(part) && !part.includes("..") && !/\.(git|lock)$|\.$/i.test(part))
  );
}

/** Refs are in a database index, where PostgreSQL limits the length: in bytes. */
const longestRef = 1024;

/**
 * Whether it is a full ref of a branch or tag that git itself would accept (git-check-ref-format(1)) and that is not
 * too long: safe as an argument, because it always begins with `refs/`.
 */
export function isRef(ref: string): boolean {
  if (Buffer.byteLength(ref) > longestRef || !/^refs\/(heads|tags)\/./.test(ref)) return false;
  // The characters and sequences that git forbids; control characters and space are below \x21.
  // oxlint-disable-next-line no-control-regex -- these are the ones to refuse
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$/.test(ref)) return false;
  return ref.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}
