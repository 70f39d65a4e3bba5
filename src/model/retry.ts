/**
 * How often and how late something that failed is tried again, as data: the whole house has one formula. Times are
 * milliseconds.
 */
export interface RetryPolicy {
  /** The delay after the first failure. */
  readonly first: number;
  /** Each further delay is this many times the one before; 2 when absent. */
  readonly factor?: number;
  readonly longest: number;
  /** The share of a delay, 0 to 1, that chance may take off, so that many clients do not come back at once; 0 when absent. */
  readonly jitter?: number;
  /** Failures after which nothing is tried any more; no limit when absent. */
  readonly attempts?: number;
}

/**
 * The delay after `failures` failures in a row (1 or more), or undefined when the policy gives up. `chance` is a number
 * from 0 to 1, exclusive, and only matters to a policy with jitter.
 */
export function retryDelay(policy: RetryPolicy, failures: number, chance = 0): number | undefined {
  const { first, factor = 2, longest, jitter = 0, attempts } = policy;
  if (attempts !== undefined && failures >= attempts) return undefined;
  // Beyond 60 doublings a delay is past every limit, and the power would overflow.
  const delay = Math.min(first * factor ** Math.min(failures - 1, 60), longest);
  return delay * (1 - jitter * chance);
}
