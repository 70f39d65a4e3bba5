import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../model/index.ts";
import { childMessageSchema, type Command, type ChildTask, type ChildMessage } from "../../runner/index.ts";

/** The program: above the parts of the build, or the source when this is the source. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../runner/child/main.ts" : "../runner.cjs", import.meta.url),
);

/** What the process gets of the server's environment: nothing that could hold a secret, and no HOME, where Node would look for modules. */
const passedOn = /^(?:PATH|LANG|LANGUAGE|TZ|TMPDIR|LC_[A-Z]+)$/;

/** A longer line of what the process prints is cut. */
const lineLimit = 2000;

export interface Child {
  /** Hears every word it says, until `ended`. */
  onMessage(listener: (message: ChildMessage) => void): void;
  send(command: Command): void;
  /** Ends it at once. Its steps are left to the sweep of the next one. */
  kill(): void;
  /** Resolves when the process is gone, with how. */
  readonly ended: Promise<string>;
}

/**
 * Starts the runner's process and gives it its order. It leads a session of its own, so that a Ctrl-C in the server's
 * terminal does not reach it; and Node's debugger, which a signal of the same user would open, is off.
 */
export function spawnChild(task: ChildTask, onLine: (line: string) => void): Child {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
  const child = spawn(process.execPath, ["--disable-sigusr1", program], {
    cwd: "/",
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: true,
  });
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on("line", (line) => onLine(line.slice(0, lineLimit)));
  child.on("error", () => undefined); // `ended` tells it.
  send(child, task);
  return {
    onMessage: (listener) => {
      child.on("message", (message) => {
        const parsed = childMessageSchema.safeParse(message);
        if (parsed.success) listener(parsed.data);
      });
    },
    send: (command) => send(child, command),
    kill: () => void child.kill("SIGKILL"),
    ended: new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve(signal === null ? `code ${code ?? 0}` : signal));
      child.once("error", (error) => resolve(error.message));
    }),
  };
}

function send(child: ChildProcess, message: ChildTask | Command): void {
  // It may be gone already, which `ended` tells.
  if (child.connected) child.send(message, () => undefined);
}

/**
 * Waits for the first word that says whether it can do what it was asked for. Rejects with `runner-user` when it says that it
 * cannot, and with `unavailable` when it ends without a word: that may be the deed of a process of the same user.
 */
export async function untilReady(child: Child): Promise<{ readonly removed: number }> {
  const first = new Promise<{ readonly removed: number }>((resolve, reject) => {
    child.onMessage((message) => {
      if (message.type === "ready") resolve(message);
      else if (message.type === "refused")
        reject(
          new SluiceError("runner-user", message.message, message.help === undefined ? {} : { help: message.help }),
        );
    });
  });
  const early = child.ended.then((how) => {
    throw new SluiceError("unavailable", `The process of the embedded runner ended before it was ready (${how}).`, {
      help: "Look at the server's log.",
    });
  });
  // A last word and the end come almost together: the word counts.
  return Promise.race([first, early.catch(async (error: unknown) => Promise.race([first, Promise.reject(error)]))]);
}
