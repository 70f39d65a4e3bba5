/**
 * How often and after which delays a failed operation is retried, as data: one formula for all of Sluice. Times are
 * milliseconds.
 */
export interface RetryPolicy {
  /** The delay after the first failure. */
  readonly first: number;
  /** The factor of each further delay; 2 if absent. */
  readonly factor?: number;
  readonly longest: number;
  /**
   * The fraction of a delay, 0 to 1, that randomness can take off, so that many clients do not return at once; 0 if
   * absent.
   */
  readonly jitter?: number;
  /** Failures after which to give up; no limit if absent. */
  readonly attempts?: number;
}

/**
 * The delay after `failures` consecutive failures (1 or more), or undefined if the policy gives up. `chance` is a
 * random number from 0 to 1, exclusive, used only by a policy with jitter.
 */
export function retryDelay(policy: RetryPolicy, failures: number, chance = 0): number | undefined {
  const { first, factor = 2, longest, jitter = 0, attempts } = policy;
  if (attempts !== undefined && failures >= attempts) return undefined;
  // Beyond 60 doublings a delay exceeds any limit, and the power would overflow.
  const delay = Math.min(first * factor ** Math.min(failures - 1, 60), longest);
  return delay * (1 - jitter * chance);
}
