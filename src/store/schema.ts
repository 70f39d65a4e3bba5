import type { Generated } from "kysely";
import type { JobStatus, RunStatus, StepStatus } from "../model/index.ts";
import type { TokenRow } from "./rows.ts";

/*
 * The tables, the same in both databases. Portable on purpose: ids and JSON are text, switches are 0 and 1, times are
 * integers of milliseconds. Growing columns (plans, states, event bodies) have their own tables, so that a change of a
 * run's status does not rewrite them and a list does not read them.
 */

export interface Database {
  repository: {
    id: string;
    forge: string;
    remote_id: string;
    name: string;
    default_branch: string;
    last_run: number;
    created_at: number;
  };
  /** Where plain git stores its repositories: only its adapter uses it. */
  git_repository: { remote_id: string; path: string; managed: number };
  ref_tip: { repository_id: string; ref: string; sha: string };
  event: { id: string; repository_id: string; dedupe_key: string; body: string; received_at: number; done: number };
  run: {
    id: string;
    repository_id: string;
    event_id: string;
    number: number;
    attempt: number;
    status: RunStatus;
    wait: string | null;
    title: string;
    /** Lower-case ref, title and people, one per line: what the filter searches. */
    search: string;
    sha: string;
    workflows: string;
    diagnostics: string;
    version: number;
    created_at: number;
    started_at: number | null;
    finished_at: number | null;
  };
  run_plan: { run_id: string; plans: string };
  run_state: { run_id: string; state: string };
  /** A run's state per job, stored separately: a change writes only the jobs it touches. */
  run_state_part: { run_id: string; key: string; place: number; value: string };
  job: {
    id: string;
    run_id: string;
    key: string;
    job: string;
    workflow: string;
    name: string;
    attempt: number;
    status: JobStatus;
    wait: string | null;
    reason: string | null;
    needs: string;
    labels: string;
    position: number;
    fence: number;
    runner_id: string | null;
    detail: string;
    outputs: string;
    reported: number;
    cancel_requested: number;
    heartbeat_at: number | null;
    queued_at: number | null;
    started_at: number | null;
    finished_at: number | null;
    begun_at: number | null;
    allowed: number;
    newest: number;
    planned: string;
  };
  step: {
    job_id: string;
    index: number;
    id: string;
    name: string;
    status: StepStatus;
    allowed: number;
    exit_code: number | null;
    reason: string | null;
    started_at: number | null;
    finished_at: number | null;
    log_lines: number | null;
    log_bytes: number | null;
  };
  annotation: { id: string; run_id: string; job_id: string; step: number; body: string };
  summary: { id: string; run_id: string; job_id: string; step: number; markdown: string };
  runner: { id: string; name: string; labels: string; capacity: number; last_seen_at: number };
  token: {
    id: string;
    name: string;
    role: TokenRow["role"];
    runner_id: string | null;
    hash: string;
    created_at: number;
  };
  artifact: {
    id: string;
    run_id: string;
    job_id: string;
    /** The run's attempt that created it: a name is unique within it. */
    attempt: number;
    name: string;
    bytes: number;
    blob: string;
    created_at: number;
    expires_at: number;
  };
  cache: {
    repository_id: string;
    scope: string;
    key: string;
    version: string;
    bytes: number;
    blob: string;
    created_at: number;
    used_at: number;
  };
  outbox: {
    id: Generated<number>;
    topic: string;
    /** Messages of one key are delivered one after the other; null for those that wait for no other. */
    key: string | null;
    body: string;
    due_at: number;
    attempts: number;
    /** 1 while later messages of its key wait for it. */
    holds: number;
    last_error: string | null;
  };
  lease: { name: string; holder: string; expires_at: number };
  concurrency_group: { repository_id: string; name: string; state: string; version: number };
  schedule: {
    repository_id: string;
    time_zone: string;
    cron: string;
    since: number;
    last_due: number | null;
    last_event: string | null;
  };
  audit: { id: string; at: number; actor: string; action: string; subject: string; detail: string };
  sluice_schema: { version: number; name: string; applied_at: number };
}
