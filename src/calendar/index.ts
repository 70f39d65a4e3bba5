/** When cron lines are due, in any time zone. Pure: the clock is a value, in milliseconds since 1970. */
export { parseCron } from "./cron.ts";
export { Recurrence } from "./recurrence.ts";
export { isTimeZone } from "./zone.ts";
