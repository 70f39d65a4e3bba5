import { messageOf } from "../../model/index.ts";
import type { RunnerEvent, ChildMessage } from "../../runner/index.ts";
import type { Logger } from "../log.ts";

/** What goes wrong between the runner and this server, a full disk above all, is told where people look for it. */
export function logRunnerEvent(
  logger: Logger,
  event: RunnerEvent | Extract<ChildMessage, { type: RunnerEvent["type"] }>,
): void {
  if (event.type === "call.failed")
    logger.warn(
      { job: event.job, err: event.error },
      "a call of the embedded runner failed and is made again until it succeeds",
    );
  else if (event.type === "server.away")
    logger.warn({ err: event.error }, "the embedded runner cannot ask for jobs and tries again");
  else if (event.type === "job.dropped")
    logger.info({ job: event.job, reason: messageOf(event.reason) }, "the embedded runner dropped a job");
}
