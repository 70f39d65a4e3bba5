import { SluiceError, messageOf } from "../../model/index.ts";

/** Reads a property of something thrown. */
function property(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}

/**
 * Maps SQLite's result codes (https://www.sqlite.org/rescode.html) to ours; anything else is a bug and stays unchanged.
 * @param where the database file, for the message
 */
export function sqliteFailure(error: unknown, where: string): unknown {
  const result = property(error, "errcode");
  if (typeof result !== "number") return error;
  switch (result & 0xff) {
    case 13: // SQLITE_FULL
      return new SluiceError("storage-full", `The disk of the database ${where} is full.`, { cause: error });
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return new SluiceError("unavailable", `Another program is using the database ${where}.`, { cause: error });
    case 8: // SQLITE_READONLY
    case 10: // SQLITE_IOERR
    case 11: // SQLITE_CORRUPT
    case 14: // SQLITE_CANTOPEN
    case 26: // SQLITE_NOTADB
      return new SluiceError("storage-broken", `Cannot use the database ${where}: ${messageOf(error)}.`, {
        cause: error,
        help: "Check that the server's user can write the file and its folder; if the file is damaged, restore a backup.",
      });
    default:
      return error;
  }
}

/** Whether another connection holds SQLite's lock. */
export function isBusy(error: unknown): boolean {
  const result = property(error, "errcode");
  return typeof result === "number" && (result & 0xff) === 5;
}
