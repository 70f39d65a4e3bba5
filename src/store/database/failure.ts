import { DatabaseError } from "pg";
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

/** True for an error that ends a connection to PostgreSQL: one of the connection itself, or one after which PostgreSQL closes it. */
export function endsConnection(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  // Broken, closed by the administrator, by a crash, or for being idle. The severity would tell, but it is translated.
  return /^(08|57P0[1-5]|25P03)/.test(error.code ?? "");
}

/** What PostgreSQL's error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) and lost connections mean for us. */
export function postgresFailure(error: unknown, where: string): unknown {
  if (error instanceof SluiceError) return error;
  const code = error instanceof DatabaseError ? error.code : undefined;
  if (code === "53100")
    return new SluiceError("storage-full", `The disk of the database ${where} is full.`, { cause: error });
  if (code === "55P03")
    return new SluiceError("unavailable", `The database ${where} is locked by another server.`, { cause: error });
  // Too many connections, a broken deadlock, shutting down or starting: the same query can succeed later.
  if (!endsConnection(error) && !/^(53|57P|40)/.test(code ?? "")) return error;
  return new SluiceError("unavailable", `The database ${where} cannot be reached: ${messageOf(error)}.`, {
    cause: error,
  });
}
