/**
 * Says that tests are left out because this machine lacks something.
 * @throws in CI, where nothing may be missing.
 */
export function leaveOut(tests: string, because: string): void {
  if (process.env["CI"] !== undefined) throw new Error(`CI must run ${tests}, but ${because}.`);
  console.warn(`skipped: ${tests}, because ${because}`);
}
