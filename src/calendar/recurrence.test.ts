import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCron } from "./cron.ts";
import { Recurrence } from "./recurrence.ts";

const minute = 60_000;

function recurrence(line: string, timeZone?: string): Recurrence {
  const parsed = parseCron(line);
  if ("problem" in parsed) throw new Error(parsed.problem.message);
  return new Recurrence(parsed.fields, timeZone);
}

function following(line: string, timeZone: string, from: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let at = Date.parse(from); found.length < count; ) {
    at = recurrence(line, timeZone).next(at);
    found.push(new Date(at).toISOString().slice(5, 16));
  }
  return found;
}

describe("a cron line", () => {
  it.each([
    ["0 3 * * *", "2026-01-31T12:00Z", ["02-01T03:00", "02-02T03:00"]],
    ["*/20 * * * *", "2026-12-31T23:40Z", ["01-01T00:00", "01-01T00:20"]],
    ["0 0 31 * *", "2026-01-31T00:00Z", ["03-31T00:00", "05-31T00:00"]],
    ["0 12 1 JAN,JUL *", "2026-01-01T12:00Z", ["07-01T12:00", "01-01T12:00"]],
    ["0 0 13 * FRI", "2026-03-01T00:00Z", ["03-06T00:00", "03-13T00:00", "03-20T00:00"]],
    ["@weekly", "2026-03-01T00:00Z", ["03-08T00:00"]],
  ])("%s is due after %s at %s", (line, from, expected) => {
    expect(following(line, "UTC", from, expected.length)).toEqual(expected);
  });

  it("waits for the next leap year, also across one that the calendar skips, and for a rare weekday in it", () => {
    expect(recurrence("0 0 29 2 *").next(Date.parse("2096-03-01T00:00Z"))).toBe(Date.parse("2104-02-29T00:00Z"));
    expect(recurrence("0 0 29 2 */7").next(Date.parse("2088-03-01T00:00Z"))).toBe(Date.parse("2128-02-29T00:00Z"));
    expect(recurrence("0 0 29 2 */7").previous(Date.parse("2128-02-29T00:00Z"))).toBe(Date.parse("2088-02-29T00:00Z"));
  });
});

describe("when clocks go forward", () => {
  // Berlin, 29 March 2026: 02:00 (01:00 UTC) becomes 03:00.
  it.each([
    ["30 2 * * *", ["03-28T01:30", "03-29T01:00", "03-30T00:30"]],
    ["*/15 2 * * *", ["03-28T01:30", "03-28T01:45", "03-29T01:00", "03-30T00:00"]],
    ["0 2,3 * * *", ["03-28T02:00", "03-29T01:00", "03-30T00:00"]],
    ["0 3 * * *", ["03-28T02:00", "03-29T01:00", "03-30T01:00"]],
  ])("%s runs once instead of the skipped times: %s", (line, expected) => {
    expect(following(line, "Europe/Berlin", "2026-03-28T01:15Z", expected.length)).toEqual(expected);
  });

  it("a line for every hour follows elapsed time", () => {
    expect(following("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00Z", 4)).toEqual([
      "03-29T00:30",
      "03-29T01:00",
      "03-29T01:30",
      "03-29T02:00",
    ]);
  });

  it("also counts a skipped half hour, midnight or whole day once", () => {
    expect(following("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", 2)).toEqual([
      "10-03T15:30",
      "10-04T15:15",
    ]);
    expect(following("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", 2)).toEqual(["11-04T03:00", "11-05T02:00"]);
    // Samoa had no 30 December 2011.
    expect(following("0 5 30 12 *", "Pacific/Apia", "2011-12-01T00:00Z", 1)).toEqual(["12-30T10:00"]);
  });
});

describe("when clocks go back", () => {
  // Berlin, 25 October 2026: 03:00 (01:00 UTC) becomes 02:00.
  it.each([
    ["30 2 * * *", ["10-25T00:30", "10-26T01:30"]],
    ["*/30 2 * * *", ["10-25T00:00", "10-25T00:30", "10-26T01:00"]],
    ["0 3 * * *", ["10-25T02:00", "10-26T02:00"]],
  ])("%s runs once, the first time: %s", (line, expected) => {
    expect(following(line, "Europe/Berlin", "2026-10-24T12:00Z", expected.length)).toEqual(expected);
  });

  it("a line for every hour follows elapsed time", () => {
    expect(following("30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", 3)).toEqual([
      "10-25T00:30",
      "10-25T01:30",
      "10-25T02:30",
    ]);
  });

  it("keeps the order when that happens at midnight and the days interleave", () => {
    // St. John's put its clocks back at 00:01 until 2011: Sunday begins, then Saturday's last hour comes again.
    expect(following("30 * * * *", "America/St_Johns", "2010-11-07T01:00Z", 4)).toEqual([
      "11-07T02:00",
      "11-07T03:00",
      "11-07T04:00",
      "11-07T05:00",
    ]);
    expect(following("0 * * * *", "America/St_Johns", "2010-11-07T01:00Z", 4)).toEqual([
      "11-07T01:30",
      "11-07T02:30",
      "11-07T03:30",
      "11-07T04:30",
    ]);
  });
});

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Africa/Casablanca",
  "Pacific/Chatham",
  "America/St_Johns",
  "Pacific/Apia",
];
const values = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    fc.integer({ min, max }).map(String),
    fc.integer({ min: 2, max: Math.min(max, 20) }).map((step) => `*/${step}`),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${a},${b}`),
  );
const lines = fc
  .tuple(values(0, 59), values(0, 23), values(1, 31), values(1, 12), values(0, 7))
  .map((fields) => fields.join(" "))
  .filter((line) => "fields" in parseCron(line));
const instants = fc.integer({ min: Date.UTC(2008, 0, 1), max: Date.UTC(2030, 0, 1) });
const cases = fc.record({ line: lines, zone: fc.constantFrom(...zones), from: instants });

describe("next and previous", () => {
  it("are on either side, on whole minutes, and lead to each other", () => {
    fc.assert(
      fc.property(cases, ({ line, zone, from }) => {
        const each = recurrence(line, zone);
        const next = each.next(from);
        const previous = each.previous(from);
        expect(next).toBeGreaterThan(from);
        expect(previous).toBeLessThan(from);
        expect([next % minute, previous % minute]).toEqual([0, 0]);
        expect(each.next(next - 1)).toBe(next);
        expect(each.previous(previous + 1)).toBe(previous);
        // Nothing lies between them but `from` itself.
        const between = each.next(previous);
        expect(between === next || between === from).toBe(true);
        expect(each.previous(next) === previous || each.previous(next) === from).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it("match the fields in the zone's local time", () => {
    fc.assert(
      fc.property(cases, ({ line, zone, from }) => {
        const parsed = parseCron(line);
        if ("problem" in parsed) throw new Error("filtered");
        const { fields } = parsed;
        const next = recurrence(line, zone).next(from);
        const wall = wallOf(next, zone);
        const fits =
          fields.minutes.has(wall.minute) &&
          fields.hours.has(wall.hour) &&
          fields.isDay(wall.month, wall.day, wall.weekday);
        // Otherwise it stands for times that the clock jumped over just then.
        expect(fits || offsetOf(next, zone) > offsetOf(next - 1, zone)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it("of a line for every hour equal a check of every minute", () => {
    const everyHour = fc.record({
      minute: values(0, 59),
      zone: fc.constantFrom(...zones),
      from: fc.constantFrom(
        "2010-11-06T20:00Z",
        "2026-03-28T22:00Z",
        "2026-10-24T22:00Z",
        "2026-04-04T10:00Z",
        "2018-11-03T22:00Z",
        "2026-03-07T22:00Z",
      ),
      more: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(everyHour, ({ minute: field, zone, from, more }) => {
        const line = `${field} * * * *`;
        const parsed = parseCron(line);
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        const start = Date.parse(from) + more * minute;
        let expected = start + minute;
        while (!parsed.fields.minutes.has(wallOf(expected, zone).minute)) expected += minute;
        expect(recurrence(line, zone).next(start)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

const formats = new Map(
  zones.map((zone) => [
    zone,
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    }),
  ]),
);

function wallOf(instant: number, zone: string) {
  const parts = new Map(
    formats
      .get(zone)
      ?.formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const at = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? Number.NaN;
  const weekday = new Date(Date.UTC(at("year"), at("month") - 1, at("day"))).getUTCDay();
  return {
    year: at("year"),
    month: at("month"),
    day: at("day"),
    hour: at("hour"),
    minute: at("minute"),
    second: at("second"),
    weekday,
  };
}

function offsetOf(instant: number, zone: string): number {
  const wall = wallOf(instant, zone);
  return (
    Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) -
    Math.floor(instant / 1000) * 1000
  );
}
