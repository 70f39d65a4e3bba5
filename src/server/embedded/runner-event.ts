import { messageOf } from "../../model/index.ts";
import type { RunnerEvent, ChildMessage } from "../../runner/index.ts";
import type { Logger } from "../log.ts";

/** Logs problems between the runner and this server, above all a full disk, where people look for them. */
export function logRunnerEvent(
  logger: Logger,
  event: RunnerEvent | Extract<ChildMessage, { type: RunnerEvent["type"] }>,
): void {
  if (event.type === "call.failed")
    logger.warn(
      { job: event.job, err: event.error },
      "a request of the embedded runner failed; retrying until it succeeds",
    );
  else if (event.type === "server.away")
    logger.warn({ err: event.error }, "the embedded runner cannot request jobs; retrying");
  else if (event.type === "job.dropped")
    logger.info({ job: event.job, reason: messageOf(event.reason) }, "the embedded runner dropped a job");
}
