import * as z from "zod";
import { type ErrorCode, SluiceError, codes, messageOf } from "../../model/index.ts";

/** A server's address and the bearer token to show it. */
export interface HttpAccess {
  /** `https://host[:port][/path]`. */
  readonly url: string;
  readonly token: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Segments below `/api/v1/runner`; they are encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly stream?: AsyncIterable<Uint8Array>;
  /** The longest the whole request may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends a request. Rejects with the SluiceError of a problem document, with `unavailable` when the server cannot be
 * reached or does not answer in time, with the signal's reason, or with the error of the content that was to be sent.
 */
export async function send(access: HttpAccess, request: HttpRequest): Promise<Response> {
  const limit = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]);
  const address = addressOf(access.url, request);
  const content = request.stream === undefined ? undefined : contentOf(request.stream);
  let response: Response;
  try {
    response = await fetch(address, {
      method: request.method,
      headers: headersOf(access, request),
      signal,
      redirect: "error",
      ...bodyOf(request, content),
    });
  } catch (error) {
    request.signal?.throwIfAborted();
    if (content?.failure !== undefined) throw content.failure.error;
    throw new SluiceError("unavailable", `The server at ${access.url} cannot be reached: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
  if (response.ok) return response;
  throw await toError(response);
}

/** Reads a JSON answer; anything that does not fit the schema is the server being unavailable (a proxy's page, say). */
export async function readJson<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    throw new SluiceError("unavailable", `The server's answer broke off: ${reasonOf(error)}.`, { cause: error });
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new SluiceError(
    "unavailable",
    `The server's answer is not what this runner understands: ${z.prettifyError(parsed.error)}`,
  );
}

function addressOf(base: string, { path, query = {} }: HttpRequest): URL {
  // The URL standard takes such segments, encoded or not, for the folder itself and the one above.
  if (path.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw new SluiceError("call-invalid", `Not a name: ${JSON.stringify(path.at(-1))}.`);
  const address = new URL(
    `api/v1/runner/${path.map((segment) => encodeURIComponent(segment)).join("/")}`,
    base.endsWith("/") ? base : `${base}/`,
  );
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(name, String(value));
  return address;
}

function headersOf({ token }: HttpAccess, request: HttpRequest): Record<string, string> {
  const type = request.json === undefined ? "application/octet-stream" : "application/json";
  return { authorization: `Bearer ${token}`, ...(request.method === "GET" ? {} : { "content-type": type }) };
}

function bodyOf({ json, bytes }: HttpRequest, content: Content | undefined): RequestInit {
  if (json !== undefined) return { body: JSON.stringify(json) };
  if (bytes !== undefined) return { body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  if (content !== undefined) return { body: ReadableStream.from(content.flow), duplex: "half" };
  return {};
}

/** What is sent as a stream, and its own failure, which fetch reports as one of the connection. */
interface Content {
  readonly flow: AsyncIterable<Uint8Array>;
  failure?: { readonly error: unknown };
}

function contentOf(source: AsyncIterable<Uint8Array>): Content {
  const content: Content = { flow: flow() };
  return content;

  async function* flow(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      content.failure = { error };
      throw error;
    }
  }
}

/** fetch hides the reason ("fetch failed") in the cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

const problem = z.object({
  code: z.string(),
  detail: z.string(),
  help: z.string().optional(),
  length: z.number().optional(),
});

async function toError(response: Response): Promise<SluiceError> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = problem.safeParse(body);
  if (parsed.success && isCode(parsed.data.code)) {
    const { code, detail, help, length } = parsed.data;
    const error = new SluiceError(code, detail, help === undefined ? {} : { help });
    return length === undefined ? error : Object.assign(error, { length });
  }
  const code = byStatus[response.status] ?? (response.status >= 500 ? "unavailable" : "call-invalid");
  return new SluiceError(code, `The server answered ${response.status} ${response.statusText}.`);
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(codes, code);
}

/** For answers that are not ours: of a proxy in between. */
const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  408: "unavailable",
  413: "payload-too-large",
  429: "rate-limited",
};
