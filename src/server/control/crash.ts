/** Places where a kill of the server matters; tests stop it at each of them. */
export const crashPoints = [
  "control.after-accept",
  "control.after-create",
  "control.after-take",
  "control.after-report",
  "control.after-log",
  "control.before-delivered",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

const wanted = process.env["SLUICE_CRASH_AT"];

/** Kills the process, as `kill -9` would, when the environment's SLUICE_CRASH_AT names this point. Otherwise nothing. */
export function crashPoint(point: CrashPoint): void {
  if (wanted === point) process.kill(process.pid, "SIGKILL");
}
