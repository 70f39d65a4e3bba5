import type { FastifyReply } from "fastify";

/**
 * Aborted when the client disconnects before the response was written. (The request's own `close` only says that its
 * body was read, and Fastify's `request.signal` is based on that.)
 */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  if (reply.raw.destroyed) gone.abort();
  return gone.signal;
}
