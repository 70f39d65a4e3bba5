/** Repositories, events, runs with their jobs and steps, runners, tokens, artifacts, caches, outbox, groups, audit. */
export const foundation = [
  `create table repository (
    id text primary key, name text not null unique, path text not null, managed integer not null,
    default_branch text not null, last_run bigint not null default 0, created_at bigint not null)`,
  `create table ref_tip (
    repository_id text not null references repository (id) on delete cascade, ref text not null, sha text not null,
    primary key (repository_id, ref))`,
  `create table event (
    id text primary key, repository_id text not null references repository (id) on delete cascade,
    dedupe_key text not null, body text not null, received_at bigint not null, done integer not null default 0,
    unique (repository_id, dedupe_key))`,
  `create index event_pending on event (id) where done = 0`,

  `create table run (
    id text primary key, repository_id text not null references repository (id) on delete cascade,
    event_id text not null unique references event (id) on delete cascade,
    number bigint not null, attempt integer not null, status text not null, waits_for text, title text not null,
    search text not null, sha text not null, workflows text not null, diagnostics text not null, version bigint not null,
    created_at bigint not null, started_at bigint, finished_at bigint,
    unique (repository_id, number))`,
  `create index run_of_repository on run (repository_id, id)`,
  `create index run_open on run (id) where status in ('pending', 'blocked', 'running')`,
  `create table run_plan (run_id text primary key references run (id) on delete cascade, plans text not null)`,
  `create table run_state (run_id text primary key references run (id) on delete cascade, state text not null)`,

  `create table job (
    id text primary key, run_id text not null references run (id) on delete cascade,
    key text not null, job text not null, workflow text not null, name text not null, attempt integer not null,
    status text not null, waits_for text, reason text, needs text not null, labels text not null,
    position bigint not null, fence bigint not null, runner_id text, detail text not null, outputs text not null,
    reported bigint not null, cancel_requested integer not null, heartbeat_at bigint,
    queued_at bigint, started_at bigint, finished_at bigint)`,
  `create index job_of_run on job (run_id, position)`,
  `create index job_queued on job (labels, queued_at, position) where status = 'queued'`,
  `create index job_running on job (id) where status = 'running'`,
  `create table step (
    job_id text not null references job (id) on delete cascade, "index" integer not null, id text not null,
    name text not null, status text not null, allowed integer not null, exit_code integer, reason text,
    started_at bigint, finished_at bigint, primary key (job_id, "index"))`,
  `create table annotation (
    id text primary key, run_id text not null references run (id) on delete cascade,
    job_id text not null, step integer not null, body text not null)`,
  `create index annotation_of_run on annotation (run_id, id)`,
  `create table summary (
    id text primary key, run_id text not null references run (id) on delete cascade,
    job_id text not null, step integer not null, markdown text not null)`,
  `create index summary_of_run on summary (run_id, id)`,

  `create table runner (
    id text primary key, name text not null, labels text not null, capacity integer not null, last_seen_at bigint not null)`,
  `create table token (
    id text primary key, name text not null, role text not null, runner_id text, hash text not null unique, created_at bigint not null)`,

  `create table artifact (
    id text primary key, run_id text not null references run (id) on delete cascade, job_id text not null,
    attempt integer not null, name text not null, bytes bigint not null, blob text not null,
    created_at bigint not null, expires_at bigint not null, unique (run_id, attempt, name))`,
  `create index artifact_expiry on artifact (expires_at)`,
  `create table cache (
    repository_id text not null references repository (id) on delete cascade, scope text not null, key text not null,
    version text not null, bytes bigint not null, blob text not null, created_at bigint not null, used_at bigint not null,
    primary key (repository_id, scope, version, key))`,

  `create table outbox (
    id text primary key, topic text not null, body text not null, attempts integer not null default 0, last_error text)`,
  `create table concurrency_group (
    repository_id text not null references repository (id) on delete cascade, name text not null,
    state text not null, version bigint not null, primary key (repository_id, name))`,
  `create table audit (
    id text primary key, at bigint not null, actor text not null, action text not null, subject text not null, detail text not null)`,
] as const;
