import { randomBytes } from "node:crypto";
import { makeId } from "../model/index.ts";

/** Random base 32 digits in an id. */
const digits = 16;

/**
 * Creates ids that sort in the order of creation, even within one millisecond and if the clock steps back: lists page
 * by id, and the outbox delivers by id.
 */
export function idMaker(now: () => number): () => string {
  let last = 0;
  let tail = new Uint8Array(digits);
  return () => {
    const time = now();
    if (time > last) {
      last = time;
      // The first digit starts low, so that counting up within the millisecond cannot overflow.
      tail = new Uint8Array(randomBytes(digits).map((byte, index) => (index === 0 ? byte % 16 : byte % 32)));
    } else {
      increment(tail);
    }
    return makeId(last, tail);
  };
}

function increment(tail: Uint8Array): void {
  for (let index = tail.length - 1; index >= 0; index -= 1) {
    const digit = (tail[index] ?? 0) + 1;
    tail[index] = digit % 32;
    if (digit < 32) return;
  }
}
