import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { OpenStreams, type EventStream } from "./stream.ts";

/** One stream, open to a real client that has not read anything yet. */
async function connected(): Promise<{ stream: EventStream; answer: IncomingMessage; end: () => Promise<void> }> {
  const streams = new OpenStreams();
  const opened = Promise.withResolvers<EventStream>();
  const app = Fastify();
  app.get("/", async (_request, reply) => {
    const stream = streams.open("a");
    opened.resolve(stream);
    return stream.answer(reply);
  });
  await app.ready();
  const server = createServer((incoming, outgoing) => app.routing(incoming, outgoing));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }, resolve)
      .on("error", reject)
      .end();
  });
  return {
    stream: await opened.promise,
    answer,
    end: async () => {
      streams.endAll();
      answer.destroy();
      await app.close();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

describe("a live stream", () => {
  it("holds little for a reader that does not read: what waits is told to wait", async () => {
    const { stream, answer, end } = await connected();
    const line = "x".repeat(10_000);
    let sent = 0;
    let waiting: Promise<boolean> | undefined;
    // Until the sockets' buffers and ours are full: some MiB, however much there is to send.
    while (stream.hasRoom && sent < 10_000) {
      if (!stream.push("lines", line)) waiting = stream.send("lines", line);
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(2000);
    answer.resume();
    expect(await waiting).toBe(true);
    expect(stream.hasRoom).toBe(true);
    await end();
  });

  it("is over when the reader goes away, and for whoever waits to write", async () => {
    const { stream, answer, end } = await connected();
    const over = new Promise<void>((resolve) => {
      stream.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const writing = (async () => {
      let count = 0;
      while (await stream.send("lines", "x".repeat(10_000))) count += 1;
      return count;
    })();
    answer.destroy();
    await over;
    expect(await writing).toBeGreaterThanOrEqual(0);
    expect(stream.push("lines", "late")).toBe(false);
    await end();
  });

  it("keeps what is sent within its line", async () => {
    const { stream, answer, end } = await connected();
    let text = "";
    answer.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await stream.send("lines", { lines: ["a\nevent: forged\n\n", "\u2028\r"] }, "7");
    stream.end();
    await new Promise((resolve) => {
      answer.on("end", resolve);
    });
    expect(text).toBe(
      'retry: 1000\n\nid: 7\nevent: lines\ndata: {"lines":["a\\nevent: forged\\n\\n","\u2028\\r"]}\n\n',
    );
    await end();
  });

  it("is refused when too many are open: one holder's share, or all", () => {
    const streams = new OpenStreams(3, 2);
    const first = streams.open("a");
    streams.open("a");
    expect(() => streams.open("a")).toThrow("You have 2 live streams open");
    streams.open("b");
    expect(() => streams.open("b")).toThrow("All 3 live streams");
    first.end();
    streams.open("b");
    streams.endAll();
    expect(streams.shares).toMatchObject({ size: 0, refused: 2 });
    expect(() => streams.open("a")).toThrow("shutting down");
  });
});
