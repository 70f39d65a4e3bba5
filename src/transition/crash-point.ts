/** Places where a kill of the server matters; tests stop it at each of them. */
export const crashPoints = [
  "control.after-accept",
  "control.after-create",
  "control.after-take",
  "control.after-begin",
  "control.after-report",
  "control.after-log",
  "control.before-delivered",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** The same for a due schedule: before its event is stored, and before it is recorded as handled. */
export const scheduleCrashPoints = ["control.before-scheduled", "control.after-scheduled"] as const;

const wanted = process.env["SLUICE_CRASH_AT"];

/** Kills the process like `kill -9` if SLUICE_CRASH_AT in the environment names this point. Otherwise does nothing. */
export function crashPoint(point: CrashPoint | (typeof scheduleCrashPoints)[number]): void {
  if (wanted === point) process.kill(process.pid, "SIGKILL");
}
