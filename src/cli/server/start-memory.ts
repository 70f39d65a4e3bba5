import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as z from "zod";

/** So long after its start a server has done what it does only then. */
const settledMs = 1500;

const collector = z.custom<(options: { readonly type: "major"; readonly flavor: "last-resort" }) => void>(
  (value) => typeof value === "function",
);

/**
 * Gives the memory that only the start needed back to the system, once: about 5 MB. V8 on its own would collect when the heap
 * has grown, and an idle server's does not grow. Holds everything up for some 50 ms.
 */
export function returnStartMemory(): void {
  setTimeout(() => {
    // The one way to V8's collector from inside. The flag is for the new context only: stored code is bound to V8's flags.
    setFlagsFromString("--expose-gc");
    const collect = collector.safeParse(runInNewContext("gc")).data;
    setFlagsFromString("--no-expose-gc");
    collect?.({ type: "major", flavor: "last-resort" });
  }, settledMs).unref();
}
