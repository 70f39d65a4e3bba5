import { parentPort } from "node:worker_threads";
import { answerOrders, type Reader, readerFor } from "./answer.ts";
import type { Question } from "./messages.ts";

/** The real thread, with dialects that have defects: what a file's text begins with happens when it is read. */
function misbehaving(question: Question): Reader {
  const read = readerFor(question);
  return (file) => {
    const [word = ""] = file.text.split(" ", 1);
    if (word === "#spin") for (;;);
    if (word === "#grow") for (const kept: object[] = []; ; ) kept.push({ at: kept.length });
    if (word === "#throw") throw new Error("a defect");
    if (word === "#exit") process.exit(3);
    return read(file);
  };
}

if (parentPort !== null) answerOrders(parentPort, misbehaving);
