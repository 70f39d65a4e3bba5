import * as z from "zod";
import { type ErrorCode, SluiceError, codes, messageOf } from "../model/index.ts";

const problem = z.object({
  code: z.string(),
  detail: z.string(),
  help: z.string().optional(),
  length: z.number().optional(),
});

/** The error that a response reports, with the stored `length` that a `log-gap` carries. */
export function failureOf({ status, statusText }: Response, body: unknown): SluiceError {
  const parsed = problem.safeParse(body);
  if (parsed.success && isCode(parsed.data.code)) {
    const { code, detail, help, length } = parsed.data;
    const error = new SluiceError(code, detail, help === undefined ? {} : { help });
    return length === undefined ? error : Object.assign(error, { length });
  }
  const code = byStatus[status] ?? (status >= 500 ? "unavailable" : "call-invalid");
  return new SluiceError(code, `The server responded with status ${`${status} ${statusText}`.trim()}.`);
}

/** No response, or one that broke off. */
export function unreachable(url: string, error: unknown): SluiceError {
  // fetch hides the reason ("fetch failed") in the cause.
  const reason = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
  return new SluiceError("unavailable", `Cannot reach ${url}: ${reason}.`, {
    cause: error,
    help: "Check the address, and that the server is running.",
  });
}

/** A response that no server of this version sends: a proxy's page, say. */
export function foreign(url: string, reason: string): SluiceError {
  return new SluiceError(
    "unavailable",
    `The response of ${url} did not come from a Sluice server, or from one of another version: ${reason}`,
    { help: "Check the address, including any path prefix that a proxy adds." },
  );
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(codes, code);
}

/** For responses that come from a proxy. */
const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  408: "unavailable",
  413: "payload-too-large",
  429: "rate-limited",
};
