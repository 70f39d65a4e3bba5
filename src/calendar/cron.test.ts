import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCron } from "./cron.ts";
import { isTimeZone } from "./zone.ts";

function problemOf(line: string): string {
  const parsed = parseCron(line);
  return "problem" in parsed
    ? `${parsed.problem.start}-${parsed.problem.end} ${parsed.problem.message} ${parsed.problem.help}`
    : "none";
}

function fieldsOf(line: string) {
  const parsed = parseCron(line);
  if ("problem" in parsed) throw new Error(parsed.problem.message);
  return parsed.fields;
}

describe("parseCron", () => {
  it.each([
    ["* * * * *", 60, 24, 12],
    ["*/15 8-18 * * MON-FRI", 4, 11, 12],
    ["5/20 0 1,15 JAN,jul *", 3, 1, 2],
    ["  0\t3  *  *  7 ", 1, 1, 12],
    ["10-50/10 22-23,0-2 * * FRI-SUN", 5, 5, 12],
    ["@daily", 1, 1, 12],
    ["@Hourly", 1, 24, 12],
    ["0 0 29 2 *", 1, 1, 1],
  ])("reads %s", (line, minutes, hours, months) => {
    const fields = fieldsOf(line);
    expect([fields.minutes.size, fields.hours.size, fields.months.size]).toEqual([minutes, hours, months]);
  });

  it.each([
    ["0 0 * * 7", [0]],
    ["0 0 * * 0", [0]],
    ["0 0 * * FRI-SUN", [0, 5, 6]],
    ["0 0 * * 5-7", [0, 5, 6]],
    ["0 0 * * */2", [0, 2, 4, 6]],
    ["0 0 * * *", [0, 1, 2, 3, 4, 5, 6]],
  ])("%s is due on the days %s of a week", (line, expected) => {
    expect([0, 1, 2, 3, 4, 5, 6].filter((weekday) => fieldsOf(line).isDay(6, 9, weekday))).toEqual(expected);
  });

  it("matches a day named by either day field, or by both if one of them begins with a star", () => {
    const either = fieldsOf("0 0 13 * FRI");
    expect([either.isDay(1, 13, 1), either.isDay(1, 2, 5), either.isDay(1, 2, 1)]).toEqual([true, true, false]);
    const both = fieldsOf("0 0 */2 * FRI");
    expect([both.isDay(1, 13, 5), both.isDay(1, 13, 1), both.isDay(1, 2, 5)]).toEqual([true, false, false]);
  });

  it.each([
    ["61 * * * *", "0-2 `61` is not a valid minute. Write a number from 0 to 59, or `*` for any."],
    ["0 24 * * *", "2-4 `24` is not a valid hour."],
    ["0 0 0 * *", "4-5 `0` is not a valid day of the month."],
    ["0 0 * FOO *", "6-9 `FOO` is not a valid month. Write a number from 1 to 12, or JAN to DEC"],
    ["0 0 * * MONDAY", "8-14 `MONDAY` is not a valid day of the week. Names have three letters: write `MON`."],
    ["0 0 ? * *", "4-5 `?` is not a valid day of the month. Write `*`"],
    ["0 0 L * *", "4-5 `L` is not a valid day of the month. `L`, `W` and `#` are not supported"],
    ["0 0 * * 1#2", "8-11 `1#2` is not a valid day of the week. `L`, `W` and `#` are not supported"],
    ["0 22-2 * * *", "2-6 The range `22-2` ends before it begins. Write two ranges: `22-23,0-2`."],
    ["0 0 * 11-FEB *", "6-12 The range `11-FEB` ends before it begins. Write two ranges: `11-DEC,JAN-FEB`."],
    ["1-2-3 * * * *", "0-5 `1-2-3` is not a range."],
    ["*/5/5 * * * *", "0-5 `*/5/5` has more than one `/`."],
    ["*/0 * * * *", "2-3 `0` is not a valid step."],
    ["*/90 * * * *", "2-4 `90` is not a valid step. A step is a number from 1 to 59"],
    ["1,,2 * * * *", "2-3 The minute is missing."],
    ["-5 * * * *", "0-1 The minute is missing."],
    ["1e1 * * * *", "0-3 `1e1` is not a valid minute."],
    ["", "0-1 A cron line has five fields, not none."],
    ["0 3 * *", "0-7 A cron line has five fields, not 4."],
    ["0 0 3 * * *", "0-11 A cron line has five fields, not 6. Remove the seconds"],
    ["@every 5m", "0-9 Unknown nickname `@every 5m`. Write `*/15 * * * *`"],
    ["@reboot", "0-7 Unknown nickname `@reboot`. Use one of @yearly"],
    ["0 0 31 2 *", "4-8 The cron line never occurs"],
    ["0 0 30-31 FEB *", "4-13 The cron line never occurs"],
    ["0 0 31 2,4,6 *", "4-12 The cron line never occurs"],
    [`0 0 * * ${"1,".repeat(200)}1`, "The cron line is longer than 256 characters."],
  ])("says what is wrong with %s, and where", (line, expected) => {
    expect(problemOf(line)).toContain(expected);
  });

  it("accepts a line that only occurs thanks to a day of the week or a leap year", () => {
    expect(problemOf("0 0 31 2 MON")).toBe("none");
    expect(problemOf("0 0 29 2 */7")).toBe("none");
  });

  it("never throws for any input", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: fc.constantFrom(..."0123456789*,-/ @LW#?MONJANdaily\t\n\u0000"), maxLength: 40 }),
        ),
        (line) => {
          expect(parseCron(line)).toBeDefined();
        },
      ),
    );
  });
});

describe("isTimeZone", () => {
  it.each([
    ["UTC", true],
    ["Europe/Berlin", true],
    ["America/Argentina/Buenos_Aires", true],
    ["Etc/GMT+5", true],
    ["Mars/Base", false],
    ["+01:00", false],
    ["", false],
    ["x".repeat(100), false],
    ["Europe/Berlin\n", false],
  ])("%j: %s", (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});
