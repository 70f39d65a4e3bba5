import type { RunnerUser } from "../../runner/index.ts";
import { spawnChild, untilReady } from "./spawn.ts";

/**
 * Empties a folder as its own user, after killing what that user's jobs left running. Rejects with `runner-user` or
 * `unavailable`.
 */
export async function clearAs(user: RunnerUser, folder: string): Promise<void> {
  await untilReady(spawnChild({ type: "clear", user, folder }, () => undefined));
}

/**
 * Checks whether the user can reach the program and these folders. Rejects with `unavailable`, or with `runner-user`,
 * which names the obstacle.
 */
export async function probeAs(user: RunnerUser, folders: readonly string[]): Promise<void> {
  await untilReady(spawnChild({ type: "probe", user, folders: [...folders] }, () => undefined));
}
