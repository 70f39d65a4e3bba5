import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/server/index.ts";
import { Place, client, eventually, remote } from "./running-server.ts";

let place: Place;
let server: RunningServer;
let admin: string;
let viewer: string;
beforeAll(async () => {
  place = await Place.create();
  server = await place.start({ runner: { embedded: false } });
  admin = server.firstToken ?? "";
  viewer = (
    (await (await client(server.url, admin).send("POST", "/api/v1/tokens", { name: "v", role: "viewer" })).json()) as {
      token: string;
    }
  ).token;
  const tree = await place.tree("tree", { "README.md": "hello" });
  await place.git(tree, "push", "--quiet", remote(server, "app", admin), "main");
});
afterAll(async () => place[Symbol.asyncDispose]());

/** Opens a request and leaves it open. */
async function open(
  path: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<{ asked: ClientRequest; answer: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { agent: false, method, headers }, (answer) =>
      resolve({ asked, answer }),
    );
    asked.on("error", reject);
    if (method === "GET") asked.end();
    else asked.flushHeaders();
  });
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function metric(name: string): Promise<number> {
  const text = await (await client(server.url, admin).get("/metrics")).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")
      .at(-1),
  );
}

describe("one token", () => {
  it("cannot take all live streams: it is told to wait, and others get theirs", async () => {
    const mine = await Promise.all(Array.from({ length: 100 }, async () => open("/api/v1/events", bearer(viewer))));
    expect(mine.map(({ answer }) => answer.statusCode)).toEqual(mine.map(() => 200));
    const refused = await fetch(`${server.url}/api/v1/events`, { headers: bearer(viewer) });
    expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("content-type")]).toEqual([
      429,
      "5",
      "application/problem+json; charset=utf-8",
    ]);
    expect(await refused.json()).toMatchObject({
      code: "rate-limited",
      detail: expect.stringContaining("You have 100 live streams open") as unknown,
    });
    const other = await open("/api/v1/events", bearer(admin));
    expect(other.answer.statusCode).toBe(200);
    expect(await metric("sluice_live_streams")).toBe(101);
    expect(await metric('sluice_refused_total{what="streams"}')).toBe(1);
    // A session belongs to the token that opened it.
    const signedIn = await client(server.url, viewer).send("POST", "/api/v1/session", { token: viewer });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect((await fetch(`${server.url}/api/v1/events`, { headers: { cookie } })).status).toBe(429);
    for (const { asked } of [...mine, other]) asked.on("error", () => undefined).destroy();
    await eventually(async () => ((await metric("sluice_live_streams")) === 0 ? true : undefined));
  });

  it("cannot take all places of git: another's clone goes on", async () => {
    const basic = { authorization: `Basic ${Buffer.from(`x:${viewer}`).toString("base64")}` };
    // Each holds a process that waits for the rest of its request.
    const held = Array.from({ length: 40 }, () => {
      const asked = request(`${server.url}/git/app.git/git-upload-pack`, {
        agent: false,
        method: "POST",
        headers: { ...basic, "content-type": "application/x-git-upload-pack-request" },
      });
      asked.on("error", () => undefined);
      asked.write("00");
      return asked;
    });
    await eventually(async () => ((await metric("sluice_git_connections")) === 16 ? true : undefined));
    await place.git(place.folder, "clone", "--quiet", remote(server, "app", admin), "copy");
    expect(await metric("sluice_git_connections")).toBe(16);
    for (const asked of held) asked.destroy();
    await eventually(async () => ((await metric("sluice_git_connections")) === 0 ? true : undefined));
  });
});
