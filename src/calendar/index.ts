/** When something is due: cron lines in time zones. Pure: the clock is a value, in milliseconds since 1970. */
export { parseCron } from "./cron.ts";
export { Recurrence } from "./recurrence.ts";
export { isTimeZone } from "./zone.ts";
