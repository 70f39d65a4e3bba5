import { DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import { SluiceError } from "../../model/index.ts";
import { endsConnection, postgresFailure } from "./postgres-failure.ts";

const told = (code: string): DatabaseError => Object.assign(new DatabaseError("text", 5, "error"), { code });
const codeOf = (error: unknown): unknown => {
  const failure = postgresFailure(error, "postgres://here/db");
  return failure instanceof SluiceError ? failure.code : failure;
};

describe("a failure of PostgreSQL", () => {
  it.each([
    ["it shuts down", told("57P01")],
    ["it crashed", told("57P02")],
    ["it starts up", told("57P03")],
    ["the database was dropped", told("57P04")],
    ["the session was idle for too long", told("57P05")],
    ["a transaction was idle for too long", told("25P03")],
    ["the connection failed", told("08006")],
    ["nobody listens", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
    ["the connection broke", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })],
    ["the connection ended without a message", new Error("Connection terminated unexpectedly")],
    ["the client has lost its connection", new Error("Client has encountered a connection error and is not queryable")],
    ["connecting timed out", new Error("timeout exceeded when trying to connect")],
    ["it has too many connections", told("53300")],
    ["it broke a deadlock", told("40P01")],
    ["two transactions conflicted", told("40001")],
    ["another session holds the lock", told("55P03")],
  ])("is `unavailable` when %s", (_, error) => {
    expect(codeOf(error)).toBe("unavailable");
  });

  it("is `storage-full` when its disk is full", () => {
    expect(codeOf(told("53100"))).toBe("storage-full");
  });

  it.each(["23505", "42P01", "22021"])("stays as it is, a defect, with the code %s", (code) => {
    const error = told(code);
    expect(postgresFailure(error, "postgres://here/db")).toBe(error);
  });

  it("ends the connection only if PostgreSQL closes it", () => {
    expect(["57P01", "57P02", "57P03", "08003", "25P03"].map(told).map(endsConnection)).not.toContain(false);
    expect(["40P01", "53100", "55P03", "57014", "23505"].map(told).map(endsConnection)).not.toContain(true);
    expect(endsConnection(new Error("Connection terminated"))).toBe(true);
  });
});
