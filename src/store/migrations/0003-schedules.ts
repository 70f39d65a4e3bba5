/** The cron lines of each repository's default branch, and the due times handled so far. */
export const schedules = [
  `create table schedule (
    repository_id text not null references repository (id) on delete cascade, time_zone text not null, cron text not null,
    since bigint not null, last_due bigint, last_event text, primary key (repository_id, time_zone, cron))`,
] as const;
