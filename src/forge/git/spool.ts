import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { SluiceError } from "../../model/index.ts";
import { isRef, shaSchema } from "./names.ts";

/**
 * One ref moved by a push, as git reports it: all zeros for a ref that did not exist before, or does not exist any
 * more.
 */
export interface RefUpdate {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

export interface PushReport {
  /** Names the report; unique for each push. */
  readonly id: string;
  /**
   * Who pushed, as the hook saw it: a user's login, or the name of the token. Anyone who can push can write a different
   * one.
   */
  readonly pusher: string;
  readonly updates: readonly RefUpdate[];
}

/** The maximum number of refs of one push over HTTP, and a little more. */
const sizeLimit = 40 * 1024 * 1024;

/**
 * Reads one report of the hook. Whoever can write to the repository can put anything here: only a plain, complete,
 * well-formed file counts. Skips refs that are neither branch nor tag. Rejects with `call-invalid` and the reason for
 * anything else.
 */
export async function readReport(path: string): Promise<PushReport> {
  // Neither follows a link nor waits for the other end of a pipe.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === "ELOOP" ? refused("it is a link") : error;
    },
  );
  try {
    const about = await file.stat();
    if (!about.isFile()) throw refused("it is not a plain file");
    if (about.size > sizeLimit) throw refused("it is too large");
    return { id: basename(path), ...parseReport((await file.readFile()).toString("utf8")) };
  } finally {
    await file.close();
  }
}

/** Parses `pusher <name>`, a line `<old> <new> <ref>` for each ref, and `end`. */
export function parseReport(text: string): Omit<PushReport, "id"> {
  const lines = text.split("\n");
  const [first = ""] = lines;
  if (!first.startsWith("pusher ") || lines.at(-1) !== "" || lines.at(-2) !== "end") throw refused("it is incomplete");
  const updates: RefUpdate[] = [];
  for (const line of lines.slice(1, -2)) {
    const [before = "", after = "", ...rest] = line.split(" ");
    const ref = rest.join(" ");
    if (!shaSchema.safeParse(before).success || !shaSchema.safeParse(after).success)
      throw refused("a line is not `<old> <new> <ref>`");
    if (isRef(ref)) updates.push({ before, after, ref });
  }
  return { pusher: plain(first.slice("pusher ".length)), updates };
}

/** A display name: no control characters, at most 100 characters. */
function plain(name: string): string {
  return name.replace(controls, "").trim().slice(0, 100) || "unknown";
}

// oxlint-disable-next-line no-control-regex -- exactly what is removed
const controls = /[\x00-\x1f\x7f]/g;

function refused(why: string): SluiceError {
  return new SluiceError("call-invalid", `Rejected the push report: ${why}.`);
}
