import { expect, it } from "vitest";
import { isoDate } from "./date.ts";

it.each([
  ["1700000000 +0000", "2023-11-14T22:13:20+00:00"],
  ["1700000000 +0530", "2023-11-15T03:43:20+05:30"],
  ["1700000000 -0300", "2023-11-14T19:13:20-03:00"],
  ["0 +0100", "1970-01-01T01:00:00+01:00"],
])("tells the time of %s in its own zone", (raw, iso) => {
  expect(isoDate(raw)).toBe(iso);
  expect(Date.parse(isoDate(raw))).toBe(Number(raw.split(" ")[0]) * 1000);
});

it.each([
  "0 -1200",
  "1700000000 +9999",
  "1700000000 +0175",
  "253402300800 +0000",
  "18446744073709551615 +0000",
  "-5 +0000",
  "soon",
  "",
])("reads %j as the beginning of 1970", (raw) => {
  expect(isoDate(raw)).toBe("1970-01-01T00:00:00+00:00");
});
