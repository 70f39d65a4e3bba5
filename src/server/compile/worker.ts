import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";

/*
 * The thread that reads workflow files. Only it loads the dialects, so that the server's own thread has neither their
 * memory nor their work.
 */

// As in the program itself: compiled code is kept beside the build. The source is no place for it.
if (import.meta.url.endsWith(".js")) enableCompileCache(fileURLToPath(new URL("./.compiled", import.meta.url)));

const { answerOrders } = await import("./answer.ts");
if (parentPort !== null) answerOrders(parentPort);
