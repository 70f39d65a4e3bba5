/**
 * The process for the runner of a root server: it switches to another user before anything else, and exits when the
 * server does. The server starts it and talks to it over Node's own channel; see `messages.ts`. No secret is passed in
 * arguments or the environment.
 */
import { dirname } from "node:path";
import { messageOf, SluiceError } from "../../model/index.ts";
import { become } from "./become.ts";
import { closeInherited } from "./inherited.ts";
import { taskSchema, type ChildMessage } from "./messages.ts";
import { checkReach } from "./reach.ts";

closeInherited();
// A terminal, a service manager and jobs (which run as the same user) may send these; the server decides when to stop.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const)
  process.on(signal, () => undefined);
process.once("disconnect", gone);
process.once("message", (message) => void begin(message));

function gone(): void {
  // No task has arrived yet.
  process.exit();
}

async function begin(message: unknown): Promise<void> {
  try {
    const task = taskSchema.parse(message);
    become(task.user);
    if (task.type === "probe") {
      checkReach(task.user, task.folders);
      await sendLast({ type: "ready", removed: 0 });
    } else if (task.type === "clear") {
      const { clearFolder } = await import("../../job/index.ts");
      await clearFolder(task.folder);
      await sendLast({ type: "ready", removed: 1 });
    } else {
      checkReach(task.user, [dirname(task.workRoot)]);
      const { serve } = await import("./serve.ts");
      process.off("disconnect", gone);
      await serve(task);
      process.exit();
    }
  } catch (error) {
    await sendLast({
      type: "refused",
      message: messageOf(error),
      ...(error instanceof SluiceError ? { help: error.help } : {}),
    });
  }
}

/** Sends a last message and exits once it is sent. */
async function sendLast(message: ChildMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
  process.exit();
}
