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
 * Opens whatever can administer: the server named by --server; else the server that runs on the data folder, through the
 * socket in it that only the folder's owner may open (so no token lies on the disk); else the data folder itself. One that is
 * not there is made, so that a server can be prepared before it starts, unless there must be one: then its name was mistyped.
 */
export async function openAdministration(
  options: AdminOptions,
  expected: { readonly folder: boolean } = { folder: false },
): Promise<Administration> {
  if (options.server !== undefined) {
    const token = options.token ?? process.env["SLUICE_TOKEN"];
    if (token === undefined)
      throw new SluiceError("call-invalid", "--server needs a token.", {
        help: "Give --token, or set SLUICE_TOKEN, which keeps it out of the process list.",
      });
    return overHttp(fetchFrom(options.server.replace(/\/+$/, ""), token));
  }
  const [{ loadConfig }, { controlSocket, openOffline }] = await Promise.all([
    import("../config/index.ts"),
    import("../server/index.ts"),
  ]);
  const config: Config = await loadConfig(options.config, options.data === undefined ? {} : { data: options.data });
  if (expected.folder && !existsSync(config.data))
    throw new SluiceError("not-found", `There is no data folder ${config.data}.`, {
      help: "Name the server's with --data or --config, or start the server once: it makes the folder.",
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
    throw new SluiceError("unavailable", "What answered is no server of Sluice, or one of another version.", {
      help: "Check the address, and the path where a proxy puts the server below one.",
    });
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
    return new SluiceError("unavailable", `The server answered ${answer.status}.`);
  // The server's help speaks of headers and pushes.
  const help =
    problem.data.code === "unauthenticated"
      ? "Check --token, or SLUICE_TOKEN. On the server's machine `sluice token create NAME` makes a new one."
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
    // Some proxy's page: the caller says what the status was.
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
      throw new SluiceError("unavailable", `${server} cannot be reached.`, {
        cause: error,
        help: "Check the address, and that the server runs.",
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
            ? new SluiceError("unavailable", "No server runs on the data folder.")
            : new SluiceError(
                "forbidden",
                `The server's control socket ${socketPath} cannot be used: ${error.message}`,
                { help: "Run the command as the user that runs the server, or give --server and --token." },
              ),
        );
      });
      request.end(text);
    });
}
