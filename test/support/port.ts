import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

const given = new Set<number>();

/**
 * A port of loopback for a server that leaves it and comes back to it. The system gives ports like this one to nobody by
 * itself, neither to those who listen on any nor to those who connect: what is free now stays free.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    // Somebody has it.
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
