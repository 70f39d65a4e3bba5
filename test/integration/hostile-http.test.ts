import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDetail } from "../../src/model/index.ts";
import type { RunningServer } from "../../src/server/index.ts";
import { Place, client, eventually, remote } from "./running-server.ts";

let place: Place;
let server: RunningServer;
let admin: string;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  place = await Place.create();
  server = await place.start({ runner: { embedded: false } });
  admin = server.firstToken ?? "";
  api = client(server.url, admin);
});
afterAll(async () => place[Symbol.asyncDispose]());

/** Sends bytes as they are; answers with the status of everything that comes back until the connection ends. */
async function statuses(text: string): Promise<readonly number[]> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const done = (): void => resolve([...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1])));
    socket
      .on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")))
      .on("close", done)
      .on("error", done);
    // A last request that asks for the end: whatever was smuggled in is answered before it.
    socket.end(text);
  });
}

const host = (): string => `Host: ${new URL(server.url).host}\r\n`;

describe("a request that is read in two ways", () => {
  it.each([
    ["a length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"],
    ["two lengths", "Content-Length: 4\r\nContent-Length: 60\r\n"],
    ["a negative length", "Content-Length: -1\r\n"],
    ["a length that is no number", "Content-Length: 4x\r\n"],
    ["chunks under another name", "Transfer-Encoding: xchunked\r\n"],
    ["chunks with a space", "Transfer-Encoding : chunked\r\n"],
    ["chunks in the middle", "Transfer-Encoding: chunked, identity\r\n"],
    ["a folded header", "X: a\r\n Content-Length: 60\r\n"],
  ])("because of %s is refused whole: nothing behind it is taken for a request", async (_what, headers) => {
    const smuggled = `0\r\n\r\nGET /healthz HTTP/1.1\r\n${host()}\r\n`;
    expect(await statuses(`POST /api/v1/session HTTP/1.1\r\n${host()}${headers}\r\n${smuggled}`)).toEqual([400]);
  });

  it("because it asks for another protocol stays what it is", async () => {
    const upgrade = `Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
    expect(await statuses(`GET /healthz HTTP/1.1\r\n${host()}${upgrade}\r\n`)).toEqual([200]);
    expect(await statuses(`CONNECT elsewhere:443 HTTP/1.1\r\n${host()}\r\n`)).toEqual([]);
    expect(await statuses(`TRACE / HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`)).toEqual([404]);
  });

  it("with headers, an address or a body without end is cut off", async () => {
    // Whoever still sends when the connection is cut off may not hear why.
    const refused = [[400], []];
    expect(refused).toContainEqual(
      await statuses(`GET /healthz HTTP/1.1\r\n${host()}${"x: y\r\n".repeat(100_000)}\r\n`),
    );
    expect(refused).toContainEqual(await statuses(`GET /${"a".repeat(100_000)} HTTP/1.1\r\n${host()}\r\n`));
    for (const body of [
      `${"[".repeat(400_000)}${"]".repeat(400_000)}`,
      `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`,
      `{"token":${"9".repeat(900_000)}}`,
      `{"token":"${"a".repeat(2_000_000)}"}`,
    ]) {
      const answer = await fetch(`${server.url}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect([400, 413]).toContain(answer.status);
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("a live stream", () => {
  it.each(["garbage", "-1", "NaN", "1e400", "9".repeat(300), "9007199254740993", "' or 1=1", "é", "null"])(
    "resumed behind %j tells to ask for everything again",
    async (id) => {
      const answer = await fetch(`${server.url}/api/v1/events`, {
        headers: { authorization: `Bearer ${admin}`, "last-event-id": id },
      });
      const reader = answer.body?.getReader();
      let text = "";
      while (!text.includes("event: resync")) {
        const part = await reader?.read();
        if (part?.done !== false) break;
        text += new TextDecoder().decode(part.value);
      }
      await reader?.cancel();
      expect(text).toContain("event: resync");
    },
  );
});

describe("a storm of cancels and re-runs", () => {
  it("is answered one by one, and leaves the run in one state that all its parts agree on", async () => {
    const tree = await place.tree("tree", {
      ".github/workflows/ci.yml":
        "on: push\njobs:\n  a:\n    runs-on: nowhere\n    steps:\n      - run: echo a\n  b:\n    needs: a\n    runs-on: nowhere\n    steps:\n      - run: echo b\n",
    });
    await place.git(tree, "push", "--quiet", remote(server, "app", admin), "main");
    const id = await eventually(
      async () => ((await (await api.get("/api/v1/runs")).json()) as { runs: { id: string }[] }).runs[0]?.id,
    );
    const call = async (index: number): Promise<string> => {
      const path = `/api/v1/runs/${id}/${index % 3 === 0 ? "cancel" : "rerun"}`;
      const answer = await api.send("POST", path, index % 3 === 0 ? {} : { mode: index % 3 === 1 ? "all" : "failed" });
      await answer.body?.cancel();
      return `${path.split("/").at(-1) ?? ""} ${answer.status}`;
    };
    const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => call(index)));
    expect(["cancel 202", "cancel 409", "rerun 202", "rerun 409"]).toEqual(
      expect.arrayContaining([...new Set(answers)]),
    );
    expect([...new Set(answers)]).toEqual(expect.arrayContaining(["cancel 202", "rerun 202"]));
    // Whatever it was before, a cancel ends it.
    await api.send("POST", `/api/v1/runs/${id}/cancel`, {});
    const run = (await (await api.get(`/api/v1/runs/${id}`)).json()) as RunDetail;
    expect(run.status).toBe("cancelled");
    expect(run.attempt).toBe(1 + answers.filter((each) => each === "rerun 202").length);
    expect(
      run.jobs.map((job) => job.status).filter((status) => status !== "cancelled" && status !== "skipped"),
    ).toEqual([]);
    expect(
      run.earlier.map((job) => job.status).filter((status) => status !== "cancelled" && status !== "skipped"),
    ).toEqual([]);
    expect(place.logged.filter((line) => line.includes("a request failed"))).toEqual([]);
  });
});
