import type { SluiceError } from "../../model/index.ts";
import type { Logger } from "../log.ts";

/** How many different errors are remembered as logged. */
const remembered = 1000;

/** Logs unreadable values in the database, each error once: lists and queues meet it repeatedly. */
export function damageLog(logger: Logger): (error: SluiceError) => void {
  const logged = new Set<string>();
  return ({ code, message, help }) => {
    if (logged.has(message)) return;
    if (logged.size >= remembered) logged.clear();
    logged.add(message);
    logger.error({ code, help }, message);
  };
}
