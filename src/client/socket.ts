import { request as httpRequest } from "node:http";
import { SluiceError } from "../model/index.ts";

/**
 * Sends requests to the server on the Unix socket of a data folder, which fetch does not support. Rejects with
 * `unavailable` if no server listens, with `forbidden` if the socket belongs to another user.
 */
export function throughSocket(socketPath: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    const { pathname, search } = new URL(request.url);
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          socketPath,
          method: request.method,
          path: pathname + search,
          headers: { ...Object.fromEntries(request.headers), "content-length": body.length },
          signal: request.signal,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const { statusCode: status = 0 } = response;
            resolve(new Response(status === 204 ? null : Buffer.concat(chunks), { status }));
          });
          response.on("error", reject);
        },
      );
      sent.on("error", (error: NodeJS.ErrnoException) => reject(refusal(socketPath, error)));
      sent.end(body);
    });
  };
}

function refusal(socketPath: string, error: NodeJS.ErrnoException): SluiceError {
  return error.code === "ENOENT" || error.code === "ECONNREFUSED"
    ? new SluiceError("unavailable", "No server is running on the data folder.")
    : new SluiceError("forbidden", `Cannot use the server's control socket ${socketPath}: ${error.message}`, {
        help: "Run the command as the user who runs the server, or pass --server and --token.",
      });
}
