import { SluiceError, type ErrorCode } from "../model/index.ts";

/**
 * Everything that can go wrong at a forge, whatever its own words and numbers for it. `passes` says that the same call
 * may succeed later without anybody doing anything: those are retried, for ever if need be, the others are not.
 */
export const failures = {
  /** The forge does not accept our credential (HTTP 401). */
  authentication: { code: "forge-unauthenticated", passes: false },
  /** The credential does not allow it (403 without a rate limit). */
  forbidden: { code: "forge-forbidden", passes: false },
  /** No such repository, commit, ref or file (404), as far as our credential can see. */
  missing: { code: "not-found", passes: false },
  /** It is there already, or in a state that does not allow this (409, and 422 of what exists). */
  conflict: { code: "conflict", passes: false },
  /** The forge does not accept what we sent (400, 422). */
  invalid: { code: "forge-refused", passes: false },
  /** More than Sluice or the forge takes (413). */
  large: { code: "payload-too-large", passes: false },
  /** Too many requests (429, or 403 with a rate limit's headers). Carries when to come back, if the forge says so. */
  limited: { code: "forge-limited", passes: true },
  /** Plain git only: git refuses, or cannot be run. */
  git: { code: "git-failed", passes: false },
  /** Not reached, cut off, too slow, or failed by itself (5xx). */
  unavailable: { code: "forge-unavailable", passes: true },
} as const satisfies Readonly<Record<string, { readonly code: ErrorCode; readonly passes: boolean }>>;

export type Failure = keyof typeof failures;

/** An error of the taxonomy. `message` says what was asked of which forge, and holds no credential. */
export function forgeError(
  failure: Failure,
  message: string,
  options: {
    readonly help?: string;
    readonly cause?: unknown;
    /** Milliseconds after which the forge wants to be asked again. */
    readonly retryAfter?: number;
  } = {},
): SluiceError {
  return new SluiceError(failures[failure].code, message, options);
}

/** True if the same call may succeed later by itself. */
export function mayPass(error: unknown): boolean {
  return (
    error instanceof SluiceError && Object.values(failures).some(({ code, passes }) => passes && code === error.code)
  );
}
