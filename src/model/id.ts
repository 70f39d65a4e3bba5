/**
 * Creates the ids of jobs and leases, sortable by time: 10 characters of milliseconds, 16 random ones, in Crockford's
 * base 32 (a ULID).
 */
export function makeId(now: number, random: Uint8Array): string {
  let time = now;
  let head = "";
  for (let index = 0; index < 10; index += 1) {
    head = alphabet.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = "";
  for (let index = 0; index < 16; index += 1) tail += alphabet.charAt((random[index] ?? 0) % 32);
  return head + tail;
}

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
