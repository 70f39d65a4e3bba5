import type { RunnerUser } from "./messages.ts";

/** How people know a user. */
export function userName({ name, uid }: Pick<RunnerUser, "name" | "uid">): string {
  return name ?? `user ${uid}`;
}
