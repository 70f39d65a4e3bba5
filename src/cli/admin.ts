import { existsSync } from "node:fs";
import { request as httpRequest } from "node:http";
import * as z from "zod";
import type { Config } from "../config/index.ts";
import { SluiceError, codes, repositorySchema, schedulesSchema, type ErrorCode } from "../model/index.ts";
import type { Administration } from "../server/index.ts";

export interface AdminOptions {
  readonly server?: string;
  readonly token?: string;
  readonly config?: string;
  readonly data?: string;
}

/**
 * Opens an administration: of the server named by --server, or else of the server running on the data folder, through
 * the socket in it that only the folder's owner can open (so no token is stored on disk), or else of the data folder
 * itself. Creates a missing data folder, so that a server can be prepared before it starts, unless `expected.folder` is
 * set: then the name must be a typo.
 */
export async function openAdministration(
  options: AdminOptions,
  expected: { readonly folder: boolean } = { folder: false },
): Promise<Administration> {
  if (options.server !== undefined) {
    const token = options.token ?? process.env["SLUICE_TOKEN"];
    if (token === undefined)
      throw new SluiceError("call-invalid", "--server needs a token.", {
        help: "Pass --token, or set SLUICE_TOKEN, which keeps it out of the process list.",
      });
    return overHttp(fetchFrom(options.server.replace(/\/+$/, ""), token));
  }
  const [{ loadConfig }, { controlSocket, openOffline }] = await Promise.all([
    import("../config/index.ts"),
    import("../server/index.ts"),
  ]);
  const config: Config = await loadConfig(options.config, options.data === undefined ? {} : { data: options.data });
  if (expected.folder && !existsSync(config.data))
    throw new SluiceError("not-found", `The data folder ${config.data} does not exist.`, {
      help: "Name the server's data folder with --data or --config, or start the server once to create it.",
    });
  const local = overHttp(askThrough(controlSocket(config.data)));
  try {
    await local.tokens();
    return local;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "unavailable") throw error;
  }
  return openOffline(config);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

function overHttp(ask: Ask): Administration {
  const call = async <T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await ask(method, `/api/v1${path}`, body);
    if (answer.status >= 400) throw problemOf(answer);
    const parsed = schema.safeParse(answer.body === "" ? undefined : safeJson(answer.body));
    if (parsed.success) return parsed.data;
    throw new SluiceError(
      "unavailable",
      "The response did not come from a Sluice server, or from one of another version.",
      {
        help: "Check the address, including any path prefix that a proxy adds.",
      },
    );
  };
  return {
    repositories: async () =>
      (await call(z.object({ repositories: z.array(repositorySchema) }), "GET", "/repositories")).repositories,
    addRepository: async (options) => call(repositorySchema, "POST", "/repositories", options),
    removeRepository: async (name) => call(z.undefined(), "DELETE", `/repositories/${encodeURIComponent(name)}`),
    schedules: async () => call(schedulesSchema, "GET", "/schedules"),
    tokens: async () => (await call(z.object({ tokens: z.array(tokenSchema) }), "GET", "/tokens")).tokens,
    createToken: async (options) => call(tokenSchema.extend({ token: z.string() }), "POST", "/tokens", options),
    removeToken: async (id) => call(z.undefined(), "DELETE", `/tokens/${encodeURIComponent(id)}`),
    close: async () => undefined,
  };
}

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(["admin", "writer", "viewer", "runner"]),
  createdAt: z.string(),
});
const problemSchema = z.object({ code: z.string(), detail: z.string(), help: z.string() });

function problemOf(answer: Answer): SluiceError {
  const problem = problemSchema.safeParse(safeJson(answer.body));
  if (!problem.success || !isCode(problem.data.code))
    return new SluiceError("unavailable", `The server responded with status ${answer.status}.`);
  // The server's help is about headers and pushes.
  const help =
    problem.data.code === "unauthenticated"
      ? "Check --token or SLUICE_TOKEN. On the server's machine, `sluice token create NAME` creates a new token."
      : problem.data.help;
  return new SluiceError(problem.data.code, problem.data.detail, { help });
}

function isCode(code: string): code is ErrorCode {
  return code in codes;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Probably a proxy's error page: the caller reports the status.
    return undefined;
  }
}

function fetchFrom(server: string, token: string): Ask {
  return async (method, path, body) => {
    const response = await fetch(`${server}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new SluiceError("unavailable", `Cannot reach ${server}.`, {
        cause: error,
        help: "Check the address, and that the server is running.",
      });
    });
    return { status: response.status, body: await response.text() };
  };
}

function askThrough(socketPath: string): Ask {
  return async (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const headers =
        body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const request = httpRequest(
        { socketPath, method, path, headers: { host: "localhost", ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
          );
          response.on("error", reject);
        },
      );
      request.on("error", (error: NodeJS.ErrnoException) => {
        const away = error.code === "ENOENT" || error.code === "ECONNREFUSED";
        reject(
          away
            ? new SluiceError("unavailable", "No server is running on the data folder.")
            : new SluiceError("forbidden", `Cannot use the server's control socket ${socketPath}: ${error.message}`, {
                help: "Run the command as the user who runs the server, or pass --server and --token.",
              }),
        );
      });
      request.end(text);
    });
}
