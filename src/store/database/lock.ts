import { lockFile } from "../lock.ts";
import type { DatabaseLock } from "./session-lock.ts";

/**
 * Makes this process the only server on a database, whatever its data folder. On PostgreSQL it is an advisory lock of a
 * dedicated session, which PostgreSQL ends with the process or its machine. Throws `data-locked` if another server has
 * it, `unavailable` if the database cannot be reached.
 */
export async function lockDatabase(database: string): Promise<DatabaseLock> {
  if (!/^postgres(ql)?:\/\//.test(database)) {
    const path = database.replace(/^sqlite:/, "");
    const lock = lockFile(`${path}.lock`, `Another server is using the database ${path}.`);
    return { lost: new Promise(() => {}), release: async () => lock.release() };
  }
  // Loaded only where it is used: the driver takes memory.
  const { SessionLock } = await import("./session-lock.ts");
  const lock = new SessionLock(database);
  await lock.take();
  return lock;
}
