/**
 * The program of the process in which a server that is root has its runner: it becomes another user before it does
 * anything else, and ends when the server does. Started by the server, which talks to it over Node's own channel; see
 * `messages.ts`. Nothing that is secret comes by arguments or the environment.
 */
import { dirname } from "node:path";
import { messageOf, SluiceError } from "../../model/index.ts";
import { become } from "./become.ts";
import { closeInherited } from "./inherited.ts";
import { orderSchema, type Word } from "./messages.ts";
import { checkReach } from "./reach.ts";

closeInherited();
// A terminal, a service manager and jobs (they are the same user) may send these; the server says when it is time.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const)
  process.on(signal, () => undefined);
process.once("disconnect", gone);
process.once("message", (message) => void begin(message));

function gone(): void {
  // Nobody has said yet what it is for.
  process.exit();
}

async function begin(message: unknown): Promise<void> {
  try {
    const order = orderSchema.parse(message);
    become(order.user);
    if (order.type === "probe") {
      checkReach(order.user, order.folders);
      await last({ type: "ready", removed: 0 });
    } else if (order.type === "clear") {
      const { clearFolder } = await import("../../job/index.ts");
      await clearFolder(order.folder);
      await last({ type: "ready", removed: 1 });
    } else {
      checkReach(order.user, [dirname(order.workRoot)]);
      const { serve } = await import("./serve.ts");
      process.off("disconnect", gone);
      await serve(order);
      process.exit();
    }
  } catch (error) {
    await last({
      type: "refused",
      message: messageOf(error),
      ...(error instanceof SluiceError ? { help: error.help } : {}),
    });
  }
}

/** Says a last word and ends when it is out. */
async function last(word: Word): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(word, undefined, undefined, () => resolve());
  });
  process.exit();
}
