/**
 * Asks again and again until there is an answer, and gives it; rejects after `seconds` with what was waited for. Whatever
 * `ask` throws ends the wait at once.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  seconds = 60,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** As `until`, for something that is true or not yet. */
export async function untilTrue(what: string, ask: () => Promise<boolean> | boolean, seconds = 60): Promise<void> {
  await until(what, async () => ((await ask()) ? true : undefined), seconds);
}
