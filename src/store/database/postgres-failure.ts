import { DatabaseError } from "pg";
import { SluiceError, messageOf } from "../../model/index.ts";

/**
 * Whether an error ends a connection to PostgreSQL: an error of the connection itself, or one after which PostgreSQL
 * closes it.
 */
export function endsConnection(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  // Broken, closed by the administrator, by a crash, or for being idle. The severity would say so, but it is
  // translated.
  return /^(08|57P0[1-5]|25P03)/.test(error.code ?? "");
}

/**
 * Maps PostgreSQL's error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) and lost connections
 * to ours.
 */
export function postgresFailure(error: unknown, where: string): unknown {
  if (error instanceof SluiceError) return error;
  const code = error instanceof DatabaseError ? error.code : undefined;
  if (code === "53100")
    return new SluiceError("storage-full", `The disk of the database ${where} is full.`, { cause: error });
  if (code === "55P03")
    return new SluiceError("unavailable", `Another server has locked the database ${where}.`, { cause: error });
  // Too many connections, a resolved deadlock, shutting down or starting: the same query can succeed later.
  if (!endsConnection(error) && !/^(53|57P|40)/.test(code ?? "")) return error;
  return new SluiceError("unavailable", `Cannot reach the database ${where}: ${messageOf(error)}.`, {
    cause: error,
  });
}
