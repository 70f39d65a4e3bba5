import createClient, { type Client } from "openapi-fetch";
import * as z from "zod";
import { SluiceError } from "../model/index.ts";
import { failureOf, foreign, unreachable } from "./failure.ts";
import type { paths } from "./schema.ts";
import type { Upload } from "./upload.ts";

export interface HttpAccess {
  /** `http(s)://host[:port][/path]`. */
  readonly url: string;
  /** The bearer token. */
  readonly token?: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Timeout of the whole call, in milliseconds; no limit if absent. */
  readonly timeoutMs?: number;
  /** What the call uploads as a stream. */
  readonly upload?: Upload;
}

/** Makes a call with the typed client and the signal that ends it. */
type Make<Content> = (
  api: Client<paths>,
  signal: AbortSignal,
) => Promise<{ readonly data?: Content; readonly error?: unknown; readonly response: Response }>;

/**
 * A server's API. Each call rejects with the SluiceError that the server reports, with `unavailable` if it cannot be
 * reached or does not respond in time, with the signal's reason, or with the error of the content to upload.
 */
export interface Connection {
  /** Makes a call and validates its JSON response. Rejects with `unavailable` if it does not match the schema. */
  read<Content, Wanted>(
    schema: z.ZodType<Wanted, Content>,
    make: Make<NoInfer<Content>>,
    options?: CallOptions,
  ): Promise<Wanted>;
  /** Makes a call without a JSON response. Its `response.body` is unread if `make` sets `parseAs: "stream"`. */
  send(make: Make<unknown>, options?: CallOptions): Promise<Response>;
}

/** @param through sends requests other than by `fetch`; it rejects with SluiceErrors. */
export function connect(access: HttpAccess, through?: (request: Request) => Promise<Response>): Connection {
  const url = access.url.replace(/\/+$/, "");
  const api = createClient<paths>({
    baseUrl: url,
    redirect: "error",
    pathSerializer: fillPath,
    ...(access.token === undefined ? {} : { headers: { authorization: `Bearer ${access.token}` } }),
    ...(through === undefined ? {} : { fetch: through }),
  });

  const call = async <Content>(make: Make<Content>, { signal, timeoutMs, upload }: CallOptions) => {
    const limits = [signal ?? [], timeoutMs === undefined ? [] : AbortSignal.timeout(timeoutMs)].flat();
    const answer = await make(api, AbortSignal.any(limits)).catch((error: unknown) => {
      signal?.throwIfAborted();
      upload?.throwIfFailed();
      if (error instanceof SluiceError) throw error;
      throw error instanceof SyntaxError ? foreign(url, error.message) : unreachable(url, error);
    });
    if (!answer.response.ok) throw failureOf(answer.response, answer.error);
    return answer;
  };

  return {
    async read(schema, make, options = {}) {
      const parsed = schema.safeParse((await call(make, options)).data);
      if (parsed.success) return parsed.data;
      throw foreign(url, z.prettifyError(parsed.error));
    },
    async send(make, options = {}) {
      return (await call(make, options)).response;
    },
  };
}

function fillPath(path: string, values: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name]);
    // The URL standard treats such segments, encoded or not, as the folder itself and its parent.
    if (value === "" || value === "." || value === "..")
      throw new SluiceError("call-invalid", `Not a name: ${JSON.stringify(value)}.`);
    return encodeURIComponent(value);
  });
}
