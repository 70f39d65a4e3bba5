import { SluiceError, messageOf } from "../../model/index.ts";

/** Reads a property of something thrown. */
function property(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}

/**
 * What SQLite's result codes mean for us (https://www.sqlite.org/rescode.html); anything else is a defect and stays as it is.
 * @param where the database file, for the message
 */
export function sqliteFailure(error: unknown, where: string): unknown {
  const result = property(error, "errcode");
  if (typeof result !== "number") return error;
  switch (result & 0xff) {
    case 13: // SQLITE_FULL
      return new SluiceError("storage-full", `The disk that holds the database ${where} is full.`, { cause: error });
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return new SluiceError("unavailable", `The database ${where} is in use by another program.`, { cause: error });
    case 8: // SQLITE_READONLY
    case 10: // SQLITE_IOERR
    case 11: // SQLITE_CORRUPT
    case 14: // SQLITE_CANTOPEN
    case 26: // SQLITE_NOTADB
      return new SluiceError("storage-broken", `The database ${where} cannot be used: ${messageOf(error)}.`, {
        cause: error,
        help: "Check that the file and its folder can be written by the server's user; restore a backup if the file is damaged.",
      });
    default:
      return error;
  }
}

/** True when another connection holds SQLite's lock. */
export function isBusy(error: unknown): boolean {
  const result = property(error, "errcode");
  return typeof result === "number" && (result & 0xff) === 5;
}

/** What PostgreSQL's error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) and lost connections mean for us. */
export function postgresFailure(error: unknown, where: string): unknown {
  const code = property(error, "code");
  if (typeof code !== "string") {
    return error instanceof Error && /terminated|timeout/i.test(error.message) ? away(error, where) : error;
  }
  if (code === "53100")
    return new SluiceError("storage-full", `The disk of the database ${where} is full.`, { cause: error });
  if (code === "55P03")
    return new SluiceError("unavailable", `The database ${where} is locked by another server.`, { cause: error });
  // Connection trouble, too many connections, shutting down, a deadlock that was broken, refused for now.
  const passing = /^(08|53|57P|40)/.test(code) || /^E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_AGAIN|NOTFOUND)/.test(code);
  return passing ? away(error, where) : error;
}

function away(error: unknown, where: string): SluiceError {
  return new SluiceError("unavailable", `The database ${where} cannot be reached: ${messageOf(error)}.`, {
    cause: error,
  });
}
