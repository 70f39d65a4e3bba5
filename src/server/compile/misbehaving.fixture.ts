import { pbkdf2Sync } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { answerTasks, type Reader, readerFor } from "./answer.ts";
import type { Question } from "./messages.ts";

/**
 * The real thread, with dialects that have bugs: the beginning of a file's text decides what happens when it is read.
 */
function misbehaving(question: Question): Reader {
  const read = readerFor(question);
  return (file) => {
    const [word = "", rounds = ""] = file.text.split(" ", 2);
    if (word === "#spin") for (;;);
    if (word === "#grow") for (const kept: object[] = []; ; ) kept.push({ at: kept.length });
    // In one piece: no messages are answered in the meantime, as in a thread that waits for the CPU.
    if (word === "#deaf") pbkdf2Sync("", "", Number(rounds), 64, "sha512");
    if (word === "#throw") throw new Error("a defect");
    if (word === "#exit") process.exit(3);
    return read(file);
  };
}

if (parentPort !== null) answerTasks(parentPort, misbehaving);
