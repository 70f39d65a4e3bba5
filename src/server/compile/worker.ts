import { parentPort } from "node:worker_threads";
import { answerTasks } from "./answer.ts";

/*
 * The thread that reads workflow files. Only it loads the dialects, so that the server's own thread has neither their
 * memory nor their work.
 */
if (parentPort !== null) answerTasks(parentPort);
