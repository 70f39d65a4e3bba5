import type { RunnerUser } from "./messages.ts";

/** The display name of a user. */
export function userName({ name, uid }: Pick<RunnerUser, "name" | "uid">): string {
  return name ?? `user ${uid}`;
}
