import { SluiceError, type ErrorCode } from "../model/index.ts";

/**
 * Everything that can go wrong at a forge, whatever its own words and numbers for it. `passes` says whether the same
 * call may succeed later by itself: those are retried, without limit if necessary, the others are not.
 */
export const failures = {
  /** The forge rejected our credential (HTTP 401). */
  authentication: { code: "forge-unauthenticated", passes: false },
  /** The credential does not allow it (403 without a rate limit). */
  forbidden: { code: "forge-forbidden", passes: false },
  /** No such repository, commit, ref or file (404), as far as our credential can see. */
  missing: { code: "not-found", passes: false },
  /** It already exists, or its state does not allow this (409, and 422 for something that exists). */
  conflict: { code: "conflict", passes: false },
  /** The forge rejected the request (400, 422). */
  invalid: { code: "forge-refused", passes: false },
  /** More than Sluice or the forge accepts (413). */
  large: { code: "payload-too-large", passes: false },
  /** Too many requests (429, or 403 with rate limit headers). Carries when to retry, if the forge says so. */
  limited: { code: "forge-limited", passes: true },
  /** Plain git only: git failed or could not be started. */
  git: { code: "git-failed", passes: false },
  /** Unreachable, cut off, too slow, or failing (5xx). */
  unavailable: { code: "forge-unavailable", passes: true },
} as const satisfies Readonly<Record<string, { readonly code: ErrorCode; readonly passes: boolean }>>;

export type Failure = keyof typeof failures;

/** An error of the taxonomy. `message` says what was requested from which forge, and contains no credential. */
export function forgeError(
  failure: Failure,
  message: string,
  options: {
    readonly help?: string;
    readonly cause?: unknown;
    /** Milliseconds after which the forge allows a retry. */
    readonly retryAfter?: number;
  } = {},
): SluiceError {
  return new SluiceError(failures[failure].code, message, options);
}

/** Whether the same call may succeed later by itself. */
export function mayPass(error: unknown): boolean {
  return (
    error instanceof SluiceError && Object.values(failures).some(({ code, passes }) => passes && code === error.code)
  );
}
