import { type Lease, SluiceError } from "../../model/index.ts";
import type { JobRow, Store } from "../../store/index.ts";

/**
 * The job's row, when the caller holds it: its runner, its fencing number, not ended. Rejects with `lease-stale`
 * otherwise; whether the job is another's, is unknown or has ended makes no difference to who asks.
 */
export async function heldJob(store: Store, runnerId: string, lease: Lease): Promise<JobRow> {
  const row = await store.jobs.byId(lease.job);
  if (row === undefined || !isHolder(row, runnerId, lease) || row.status !== "running") throw stale(lease);
  return row;
}

/** True for the runner and the lease that have, or had last, the job. */
export function isHolder(row: JobRow, runnerId: string, lease: Lease): boolean {
  return runnerId !== "" && row.runnerId === runnerId && row.fence === lease.fence;
}

/** The error of a call about a job that the caller does not have any more. */
export function stale(lease: Lease): SluiceError {
  return new SluiceError("lease-stale", `The lease ${lease.fence} of the job ${lease.job} does not hold any more.`);
}
