import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../store/index.ts";
import { signingKey } from "../storage/index.ts";
import { Tokens, allows } from "./identity.ts";
import { Sessions } from "./session.ts";

let store: Store;
let tokens: Tokens;
let now: number;
let sessions: Sessions;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  store = await openStore({ database: ":memory:", now: () => now });
  tokens = new Tokens(store);
  sessions = new Sessions({ tokens, key: signingKey(Buffer.alloc(32, 1), "session"), secure: true, now: () => now });
});
afterEach(async () => store.close());

async function sent(setCookie: string | undefined): Promise<string> {
  return setCookie?.split(";")[0] ?? "";
}

function attributes(cookie: string): readonly string[] {
  return cookie.split("; ").slice(1).toSorted();
}

describe("sessions", () => {
  it("hold for 30 days, and end before when their token is revoked", async () => {
    const { row } = await tokens.create({ name: "ada", role: "writer", createdAt: now }, "sluice");
    const cookie = await sent(sessions.open(row.id));
    expect(await sessions.find(`other=1; ${cookie}; more=2`)).toMatchObject({
      name: "ada",
      role: "writer",
      ambient: true,
    });
    now += 29 * 86_400_000;
    expect(await sessions.find(cookie)).toBeDefined();
    now += 2 * 86_400_000;
    expect(await sessions.find(cookie)).toBeUndefined();
    const again = await sent(sessions.open(row.id));
    await store.tokens.remove(row.id);
    expect(await sessions.find(again)).toBeUndefined();
  });

  it("are not forged, and not taken from another server", async () => {
    const { row } = await tokens.create({ name: "ada", role: "admin", createdAt: now }, "sluice");
    const cookie = await sent(sessions.open(row.id));
    const other = new Sessions({
      tokens,
      key: signingKey(Buffer.alloc(32, 2), "session"),
      secure: false,
      now: () => now,
    });
    expect(await other.find(await sent(sessions.open(row.id)))).toBeUndefined();
    expect(await sessions.find(await sent(other.open(row.id)))).toBeUndefined();
    const value = cookie.slice(cookie.indexOf("=") + 1);
    for (const forged of [
      "",
      "..",
      value.slice(0, -1),
      value.replace(row.id, `${row.id}x`),
      `${row.id}.9999999999.`,
      "%00",
      value.repeat(50),
    ]) {
      expect(await sessions.find(`${cookie.slice(0, cookie.indexOf("="))}=${forged}`)).toBeUndefined();
    }
  });

  it("set a cookie that scripts and other sites cannot use, and that needs HTTPS if the server has it", async () => {
    const { row } = await tokens.create({ name: "ada", role: "admin", createdAt: now }, "sluice");
    const set = ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict", "Secure"];
    expect(attributes(sessions.open(row.id))).toEqual(set);
    expect(attributes(sessions.end())).toEqual(set.with(1, "Max-Age=0"));
    const plain = new Sessions({
      tokens,
      key: signingKey(Buffer.alloc(32, 2), "session"),
      secure: false,
      now: () => now,
    });
    expect(attributes(plain.open(row.id))).toEqual(set.slice(0, -1));
  });

  it("are opened by a code once, and not after its time", async () => {
    const { row } = await tokens.create({ name: "ada", role: "admin", createdAt: now }, "sluice");
    const code = sessions.makeCode(row.id);
    expect(await sessions.find(await sent(sessions.redeem(code)))).toMatchObject({ id: row.id });
    expect(sessions.redeem(code)).toBeUndefined();
    const late = sessions.makeCode(row.id);
    now += 16 * 60_000;
    expect(sessions.redeem(late)).toBeUndefined();
    expect(sessions.redeem("")).toBeUndefined();
  });
});

describe("tokens", () => {
  it("are kept as hashes only, and short-lived ones not at all", async () => {
    const { token } = await tokens.create({ name: "ada", role: "viewer", createdAt: now }, "sluice");
    expect(await tokens.find(token)).toMatchObject({ name: "ada", role: "viewer", ambient: false });
    const short = tokens.createShortLived("demo", "admin");
    expect(await tokens.find(short)).toMatchObject({ name: "demo", role: "admin" });
    expect(await new Tokens(store).find(short)).toBeUndefined();
    expect(await store.tokens.list()).toHaveLength(1);
    for (const wrong of ["", "x", `${token}x`, token.toUpperCase(), "x".repeat(10_000)])
      expect(await tokens.find(wrong)).toBeUndefined();
  });

  it("have roles that include each other", () => {
    expect(
      ["viewer", "writer", "admin"].map((needed) =>
        allows("writer", needed === "viewer" ? "viewer" : needed === "writer" ? "writer" : "admin"),
      ),
    ).toEqual([true, true, false]);
    expect(allows("runner", "viewer")).toBe(false);
  });
});
