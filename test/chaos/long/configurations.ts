/** The database of the server, and who runs its jobs. */
export interface Configuration {
  readonly name: string;
  readonly database: "sqlite" | "postgres";
  /** `own`: the server's process; `child`: a process of another user, if the server is root; `separate`: four runners. */
  readonly runner: "own" | "child" | "separate";
}

export const configurations: readonly Configuration[] = (["sqlite", "postgres"] as const).flatMap((database) =>
  (["own", "child", "separate"] as const).map((runner) => ({ name: `${database}-${runner}`, database, runner })),
);

/** Why this machine cannot run a configuration; undefined if it can. */
export function obstacle({ database, runner }: Configuration, hasPostgres: boolean): string | undefined {
  if (database === "postgres" && !hasPostgres) return "there is no PostgreSQL in /usr/lib/postgresql";
  if (runner === "child" && process.getuid?.() !== 0) return "only root can run jobs as another user";
  return undefined;
}
