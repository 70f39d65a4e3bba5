import { codes, type ErrorCode } from "./codes.ts";

/**
 * The one error class. `code` is stable and documented; `message` says what happened and where; `help` says what to do.
 * Anything else that is thrown is a bug in Sluice.
 */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: ErrorCode;
  readonly help: string;
  /** Milliseconds to wait before retrying, if the refusing side said so. */
  readonly retryAfter?: number;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly help?: string; readonly cause?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = options.help ?? codes[code].help;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }

  /** The HTTP status of a response with this error. */
  get status(): number {
    return codes[this.code].status;
  }
}

/** The message of anything thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
