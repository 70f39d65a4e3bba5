import type { RunnerUser } from "../../runner/index.ts";
import { spawnChild, untilReady } from "./spawn.ts";

/** Has a folder emptied by its own user, after what that user's jobs left running was killed. Rejects with `runner-user` or `unavailable`. */
export async function clearAs(user: RunnerUser, folder: string): Promise<void> {
  await untilReady(spawnChild({ type: "clear", user, folder }, () => undefined));
}

/** Looks whether the user gets at the program and these folders. Rejects with `unavailable`, or `runner-user`, which says what is in the way. */
export async function probeAs(user: RunnerUser, folders: readonly string[]): Promise<void> {
  await untilReady(spawnChild({ type: "probe", user, folders: [...folders] }, () => undefined));
}
