import type { FastifyReply } from "fastify";

/**
 * Aborted when the client is gone before its answer was written. (The request's own `close` says only that its body was
 * read, and Fastify's `request.signal` is made from that.)
 */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  if (reply.raw.destroyed) gone.abort();
  return gone.signal;
}
