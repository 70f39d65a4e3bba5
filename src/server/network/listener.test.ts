import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { Listener } from "./listener.ts";

async function opened(port: number, host: string): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, "connect");
  return socket;
}

/** True when the server answers on the connection, false when it has closed it. */
async function isServed(socket: Socket): Promise<boolean> {
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  return new Promise((resolve) => {
    socket
      .once("data", () => resolve(true))
      .once("close", () => resolve(false))
      .once("error", () => resolve(false));
  });
}

describe("a listener", () => {
  it("serves other addresses, however many connections one of them holds open", async () => {
    const listener = new Listener(3);
    listener.serve((_request, response) => void response.end("here"));
    const { port } = await listener.listen({ host: "0.0.0.0", port: 0 });
    const held = await Promise.all([1, 2, 3].map(async () => opened(port, "127.0.0.1")));
    // Not a word of a request: what a slow attacker does.
    for (const socket of held) socket.write("GET / HTTP/1.1\r\nx: ");
    expect(await isServed(await opened(port, "127.0.0.1"))).toBe(false);
    const other = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" });
    await once(other, "connect");
    expect(await isServed(other)).toBe(true);
    held[0]?.destroy();
    await expect.poll(async () => isServed(await opened(port, "127.0.0.1"))).toBe(true);
    for (const socket of [...held, other]) socket.destroy();
    await listener.end();
  });
});
