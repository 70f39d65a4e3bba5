import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { type HttpAccess, connect } from "./connect.ts";
import { Upload, binary } from "./upload.ts";

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

const limits = { timeoutMs: 30_000 };

/** A call that reads nothing of the answer. */
function list(access: HttpAccess, options: { timeoutMs?: number; signal?: AbortSignal } = limits): Promise<Response> {
  return connect(access).send((api, signal) => api.GET("/api/v1/repositories", { signal }), options);
}

function repository(access: HttpAccess, name: string): Promise<Response> {
  const params = { path: { name } };
  return connect(access).send((api, signal) => api.GET("/api/v1/repositories/{name}", { params, signal }), limits);
}

function log(access: HttpAccess): Promise<{ length: number }> {
  const params = { path: { job: "j", step: 0 }, query: { fence: 3, offset: 0 } };
  return connect(access).read(
    z.object({ length: z.number() }),
    (api, signal) =>
      api.PUT("/api/v1/runner/jobs/{job}/steps/{step}/log", { params, body: Buffer.from("ab"), signal, ...binary }),
    limits,
  );
}

function save(access: HttpAccess, upload: Upload): Promise<{ saved: boolean }> {
  const params = { path: { job: "j" }, query: { fence: 3, key: "a&b", version: "1" } };
  return connect(access).read(
    z.object({ saved: z.boolean() }),
    (api, signal) => api.PUT("/api/v1/runner/jobs/{job}/cache", { params, body: upload.body, signal, ...binary }),
    { ...limits, upload },
  );
}

describe("a call", () => {
  it("carries the token, and encodes its path and query", async () => {
    const seen: string[] = [];
    const access = await serve((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end("{}");
    });
    await repository(access, "a/b?c ü");
    const query = { text: "a&b", limit: 3 };
    await connect(access).send((api, signal) => api.GET("/api/v1/runs", { params: { query }, signal }), limits);
    expect(seen).toEqual([
      "/below/api/v1/repositories/a%2Fb%3Fc%20%C3%BC Bearer s3cret",
      "/below/api/v1/runs?text=a%26b&limit=3 Bearer s3cret",
    ]);
  });

  it("sends bytes as they are, with their length", async () => {
    const access = await serve((request, response) => {
      expect(request.headers).toMatchObject({ "content-type": "application/octet-stream", "content-length": "2" });
      request.setEncoding("utf8").on("data", (text: string) => {
        response.end(JSON.stringify({ length: text === "ab" ? 2 : 0 }));
      });
    });
    expect(await log(access)).toEqual({ length: 2 });
  });

  it("sends a stream as it comes, and rejects with the stream's own error", async () => {
    const heard = Promise.withResolvers<void>();
    const access = await serve((request, response) => {
      request.once("data", () => heard.resolve());
      request.on("end", () => response.end('{"saved":true}'));
    });
    const upload = new Upload(
      (async function* () {
        yield Buffer.from("first");
        // The second piece is made only once the first has arrived.
        await heard.promise;
        yield Buffer.from("second");
      })(),
    );
    expect(await save(access, upload)).toEqual({ saved: true });
    const broken = new Upload(
      (async function* () {
        yield Buffer.from("first");
        throw new RangeError("the disk is full");
      })(),
    );
    await expect(save(access, broken)).rejects.toThrow(new RangeError("the disk is full"));
  });

  it.each(["", ".", ".."])("refuses the name %j, which would lead to another route", async (name) => {
    const access = await serve((_, response) => response.end("{}"));
    await expect(repository(access, name)).rejects.toMatchObject({ code: "call-invalid" });
  });

  it("rejects with the error that the server names, and what it adds", async () => {
    const access = await serve((_, response) => {
      response
        .writeHead(409, { "content-type": "application/problem+json" })
        .end(JSON.stringify({ code: "log-gap", detail: "There is a gap.", help: "Go on.", length: 7 }));
    });
    await expect(list(access)).rejects.toMatchObject({
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
    for (const _ of bodies) await expect(list(access)).rejects.toMatchObject({ code });
  });

  it("treats a broken connection, a redirect, silence and an unexpected response as an unavailable server, and names no token", async () => {
    const closed = await serve((request) => request.socket.destroy());
    const redirecting = await serve((_, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    );
    const silent = await serve(() => {});
    for (const access of [closed, redirecting, silent, { url: "http://127.0.0.1:1", token: "s3cret" }]) {
      const failure = await list(access, { timeoutMs: 200 }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "unavailable" });
      expect(String(failure)).not.toContain("s3cret");
    }
    const others = ["<html>", '{"length":"7"}', "", '{"length":'];
    for (const body of others) {
      const access = await serve((request, response) => request.resume().on("end", () => response.end(body)));
      await expect(log(access)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("did not come from a Sluice server"),
      });
    }
  });

  it("ends with the caller's reason", async () => {
    const silent = await serve(() => {});
    const stop = new AbortController();
    const call = list(silent, { ...limits, signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(call).rejects.toThrow("stopped");
  });
});
