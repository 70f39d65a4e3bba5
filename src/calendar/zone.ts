/** Local time in a time zone. Local times are stored as if they were UTC, in milliseconds. */
export class Zone {
  readonly #format: Intl.DateTimeFormat | undefined;

  /** Throws a RangeError if the zone does not exist. */
  constructor(name: string) {
    this.#format =
      name === "UTC" ? undefined : new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  /** The offset of local time from UTC at an instant, in milliseconds. */
  offset(instant: number): number {
    if (this.#format === undefined) return 0;
    const [, sign, hours = "0", minutes = "0", seconds = "0"] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(instant)) ?? [];
    const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -ahead : ahead;
  }

  /**
   * The only clock change between `from` and `to`, with the offsets before and after it; undefined if there is none.
   * The two are at most a few days apart, in which no zone changes twice.
   */
  change(
    from: number,
    to: number,
  ): { readonly at: number; readonly before: number; readonly after: number } | undefined {
    const before = this.offset(from);
    const after = this.offset(to);
    if (before === after) return undefined;
    let low = from;
    let high = to;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offset(middle) === before) low = middle;
      else high = middle;
    }
    return { at: high, before, after };
  }
}

const known = new Map<string, Zone>();

/**
 * The zone with that name; creating one is slow, and there are a few hundred at most. Throws a RangeError if it does
 * not exist.
 */
export function zoneOf(name: string): Zone {
  const zone = known.get(name) ?? new Zone(name);
  known.set(name, zone);
  return zone;
}

/** Whether the name is in the IANA list, such as `Europe/Berlin`, or is UTC. */
export function isTimeZone(name: string): boolean {
  // Intl also accepts offsets such as +01:00, which have no daylight saving time.
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return false;
  try {
    zoneOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
