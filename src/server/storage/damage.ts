import type { SluiceError } from "../../model/index.ts";
import type { Logger } from "../log.ts";

/** Different errors that are remembered as logged. */
const remembered = 1000;

/** Logs what is unreadable in the database, each error once: lists and queues meet it again and again. */
export function damageLog(logger: Logger): (error: SluiceError) => void {
  const logged = new Set<string>();
  return ({ code, message, help }) => {
    if (logged.has(message)) return;
    if (logged.size >= remembered) logged.clear();
    logged.add(message);
    logger.error({ code, help }, message);
  };
}
