/**
 * The time of a commit as ISO 8601 in its own zone, from git's raw form (`1700000000 +0100`). Git itself fails on a
 * date that its zone moves before 1970, and anyone may push one: an invalid date becomes the beginning of 1970.
 */
export function isoDate(raw: string): string {
  const [, seconds = "0", sign = "+", hours = "00", minutes = "00"] = /^(\d+) ([+-])(\d{2})(\d{2})$/.exec(raw) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  const local = (Number(seconds) + offset * 60) * 1000;
  // Up to the year 9999; time zones end at 14 hours.
  if (local < 0 || local > 253_402_300_799_000 || Math.abs(offset) > 14 * 60 || Number(minutes) > 59)
    return "1970-01-01T00:00:00+00:00";
  return `${new Date(local).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}
