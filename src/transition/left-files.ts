import type { LeftFiles, NewMessage } from "../store/index.ts";
import { filesLeft } from "./topics.ts";

/** Files that one message names. */
const filesAtOnce = 1000;

/** Has the files removed that rows leave behind. */
export function leftMessages({ jobs, blobs }: LeftFiles): readonly NewMessage[] {
  const messages: NewMessage[] = [];
  for (let at = 0; at < Math.max(jobs.length, blobs.length); at += filesAtOnce) {
    const part = { jobs: jobs.slice(at, at + filesAtOnce), blobs: blobs.slice(at, at + filesAtOnce) };
    messages.push(filesLeft.message(part));
  }
  return messages;
}
