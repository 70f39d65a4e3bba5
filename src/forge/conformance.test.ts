import { describe, expect, it } from "vitest";
import { cases, type ForgeBed } from "./conformance.fixture.ts";
import { gitBed } from "./git/bed.fixture.ts";
import type { adapters } from "./registry.ts";

/** A forge of each kind to try the cases on. */
const beds: Readonly<Record<keyof typeof adapters, () => Promise<ForgeBed>>> = { git: gitBed };

describe.each(Object.entries(beds))("the forge adapter %s", (kind, open) => {
  it.for(cases)("$promise", async ({ needs, check }, { skip }) => {
    await using bed = await open();
    expect(bed.forge.name).toBe(kind);
    if (needs !== undefined && bed.forge[needs] === undefined) skip(`${kind} has no ${needs}`);
    await check(bed);
  });
});
