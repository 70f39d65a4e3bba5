import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { type HttpAccess, readJson, send } from "./request.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<HttpAccess> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/below`, token: "s3cret" };
}

const get = { method: "GET", path: ["x"], timeoutMs: 30_000 } as const;

describe("a request", () => {
  it("carries the token, encodes its path and leaves out what is not set", async () => {
    const seen: string[] = [];
    const access = await serve((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end("{}");
    });
    await send(access, { ...get, path: ["jobs", "a/b?c", "ü"], query: { fence: 3, none: undefined, key: "a&b" } });
    expect(seen).toEqual(["/below/api/v1/runner/jobs/a%2Fb%3Fc/%C3%BC?fence=3&key=a%26b Bearer s3cret"]);
  });

  it.each(["", ".", ".."])("refuses the name %j, which would lead to another route", async (name) => {
    const access = await serve((_, response) => response.end("{}"));
    await expect(send(access, { ...get, path: ["jobs", name] })).rejects.toMatchObject({ code: "call-invalid" });
  });

  it("rejects with the error that the server names, and what it adds", async () => {
    const access = await serve((_, response) => {
      response
        .writeHead(409, { "content-type": "application/problem+json" })
        .end(JSON.stringify({ code: "log-gap", detail: "There is a gap.", help: "Go on.", length: 7 }));
    });
    await expect(send(access, get)).rejects.toMatchObject({
      code: "log-gap",
      message: "There is a gap.",
      help: "Go on.",
      length: 7,
    });
  });

  it.each([
    [401, "unauthenticated"],
    [403, "forbidden"],
    [404, "not-found"],
    [413, "payload-too-large"],
    [429, "rate-limited"],
    [418, "call-invalid"],
    [500, "unavailable"],
    [502, "unavailable"],
    [504, "unavailable"],
  ])("takes a proxy's %i as %s", async (status, code) => {
    const bodies = ["<html>", "", JSON.stringify({ code: "toString", detail: "x" }), JSON.stringify({ code: 5 })];
    let count = 0;
    const access = await serve((_, response) => response.writeHead(status).end(bodies[count++ % bodies.length]));
    for (const _ of bodies) await expect(send(access, get)).rejects.toMatchObject({ code });
  });

  it("takes a broken connection, a redirect, silence and an answer of another kind as a server that is away, and names no token", async () => {
    const closed = await serve((request) => request.socket.destroy());
    const redirecting = await serve((_, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    );
    const silent = await serve(() => {});
    for (const access of [closed, redirecting, silent, { url: "http://127.0.0.1:1", token: "s3cret" }]) {
      const failure = await send(access, { ...get, timeoutMs: 200 }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "unavailable" });
      expect(String(failure)).not.toContain("s3cret");
    }
    const page = await serve((_, response) => response.end("<html>"));
    await expect(send(page, get).then((response) => readJson(response, z.object({})))).rejects.toMatchObject({
      code: "unavailable",
    });
    const other = await serve((_, response) => response.end('{"length":"7"}'));
    await expect(
      send(other, get).then((response) => readJson(response, z.object({ length: z.number() }))),
    ).rejects.toMatchObject({ code: "unavailable" });
  });

  it("ends with the caller's reason", async () => {
    const silent = await serve(() => {});
    await expect(send(silent, { ...get, signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow("stopped");
  });
});
