import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { SluiceError, codes, messageOf, type ErrorCode, type Problem } from "../../model/index.ts";

/** A problem document, with an error's additional fields: where a log write must continue, say. */
export type ProblemDocument = Problem & { readonly [extra: string]: unknown };

/**
 * Turns anything thrown into a response (RFC 9457). Only what a SluiceError says about itself is sent; the text of
 * anything else stays in the server's log, under the request's id.
 */
export function toProblem(error: unknown, instance: string): ProblemDocument {
  if (error instanceof SluiceError)
    return problem(error.code, error.message, { instance, help: error.help, ...extras(error) });
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.map(
      (each) => `${fieldName(error.validationContext, each.instancePath)}: ${each.message ?? "invalid"}`,
    );
    return problem("call-invalid", fields.slice(0, 10).join("; "), { instance });
  }
  const status = statusOf(error);
  if (status === 413)
    return problem("payload-too-large", "The request's body is larger than this route allows.", { instance });
  if (status === 429) return problem("rate-limited", messageOf(error), { instance });
  if (status === 503) return problem("unavailable", "The server is shutting down.", { instance });
  if (status !== undefined && status >= 400 && status < 500)
    return { ...problem("call-invalid", messageOf(error), { instance }), status };
  return problem("internal", "An internal error occurred in the server.", { instance });
}

function problem(
  code: ErrorCode,
  detail: string,
  more: { readonly instance: string; readonly [extra: string]: unknown },
): ProblemDocument {
  return {
    type: `urn:sluice:error:${code}`,
    title: codes[code].meaning,
    status: codes[code].status,
    detail,
    code,
    help: codes[code].help,
    ...more,
  };
}

/** `body.labels.0` and similar; never the value itself, which may be a secret. */
function fieldName(context: string | undefined, path: string): string {
  return [context ?? "request", ...path.split("/").filter((part) => part !== "")].join(".");
}

/** A `log-gap` contains the stored length, so that the runner continues there. */
function extras(error: SluiceError): Readonly<Record<string, unknown>> {
  return "length" in error && typeof error.length === "number" ? { length: error.length } : {};
}

/** The status that Fastify and its parsers give their own errors. */
function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : undefined;
}
