import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../model/index.ts";
import { childMessageSchema, type Command, type ChildTask, type ChildMessage } from "../../runner/index.ts";

/** The program: above the parts of the build, or in the source when running from it. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../runner/child/main.ts" : "../runner.cjs", import.meta.url),
);

/** Node's debugger does not open for the jobs' user. The other is that of a runner in bin/sluice. */
const flags = ["--disable-sigusr1", "--max-semi-space-size=1"];

/**
 * The server's environment variables that the process gets: nothing that could contain a secret, and no HOME, where
 * Node would look for modules.
 */
const passedOn = /^(?:PATH|LANG|LANGUAGE|TZ|TMPDIR|LC_[A-Z]+)$/;

/** Longer lines of the process's output are cut. */
const lineLimit = 2000;

export interface Child {
  /** Receives every message of the process, until `ended`. */
  onMessage(listener: (message: ChildMessage) => void): void;
  send(command: Command): void;
  /** Kills it at once. The next one sweeps its steps. */
  kill(): void;
  /** Resolves when the process is gone, with the exit code or signal. */
  readonly ended: Promise<string>;
}

/**
 * Starts the runner's process and sends its task. The process leads its own session, so that a Ctrl-C in the server's
 * terminal does not reach it; and Node's debugger, which a signal from the same user would open, is off.
 */
export function spawnChild(task: ChildTask, onLine: (line: string) => void): Child {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
  const child = spawn(process.execPath, [...flags, program], {
    cwd: "/",
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: true,
  });
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on("line", (line) => onLine(line.slice(0, lineLimit)));
  child.on("error", () => undefined); // `ended` reports it.
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
  // It may be gone already, which `ended` reports.
  if (child.connected) child.send(message, () => undefined);
}

/**
 * Waits for the first message that says whether it can perform its task. Rejects with `runner-user` if it says that it
 * cannot, and with `unavailable` if it exits without a message: a process of the same user may have killed it.
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
    throw new SluiceError("unavailable", `The process of the embedded runner exited before it was ready (${how}).`, {
      help: "Check the server's log.",
    });
  });
  // A last message and the exit arrive almost together: the message counts.
  return Promise.race([first, early.catch(async (error: unknown) => Promise.race([first, Promise.reject(error)]))]);
}
