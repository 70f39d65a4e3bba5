import type { SluiceError } from "../../model/index.ts";
import { isUnreadable } from "./codec.ts";

/** Reads rows for work on all of them: reports and skips an unreadable row, so that it cannot stop the others. */
export function readable<R, T>(
  rows: readonly R[],
  read: (row: R) => T,
  report: (error: SluiceError) => void,
): readonly T[] {
  const found: T[] = [];
  for (const row of rows) {
    try {
      found.push(read(row));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      report(error);
    }
  }
  return found;
}
