type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** The fields that have a value: the database returns null for a field that a row omits. */
export function present<T extends object>(fields: T): Present<T> {
  const result: Present<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== null && value !== undefined) result[key] = value;
  }
  return result;
}

/** The given fields: `undefined` leaves a column unchanged, null clears it. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) result[key] = value as Exclude<T[typeof key], undefined>;
  }
  return result;
}
