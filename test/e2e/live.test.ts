import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityProblems, keep, noBrowser } from "./browser.ts";
import { push } from "./server.ts";
import { arrive, signIn, type Visit } from "./visit.ts";

const stepsBetween = 40;

/** Many short steps, between two that wait until a file is there. */
function workflow(folder: string): string {
  const wait = (name: string) =>
    `      - name: Wait for ${name}\n        run: until [ -e '${join(folder, name)}' ]; do sleep 0.05; done\n`;
  const short = Array.from(
    { length: stepsBetween },
    (_, index) => `      - name: Part ${index}\n        run: echo done\n`,
  );
  return `name: long\non: [push]\njobs:\n  many:\n    runs-on: ubuntu-latest\n    steps:\n${wait("start")}${short.join("")}${wait("end")}`;
}

/** What happens in a run reaches an open page by itself. */
describe.skipIf(noBrowser !== undefined)("a page that is open while a run goes on", () => {
  let visit: Visit;
  let server: Visit["server"];
  let page: Visit["page"];
  let signals = "";
  /** Requests for a run. */
  let fetched = 0;

  beforeAll(async () => {
    visit = await arrive();
    ({ server, page } = visit);
    signals = join(server.folder, "signals");
    await mkdir(signals);
    page.on("request", (request) => {
      if (/\/api\/v1\/runs\/[^/?]+$/.test(new URL(request.url()).pathname)) fetched += 1;
    });
    await signIn(visit);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    await push(server, "shop", "Take many steps", { ".github/workflows/long.yml": workflow(signals) });
  });
  afterAll(async () => {
    await visit?.leave();
  });

  const step = (name: string, state: string) =>
    page.getByRole("navigation", { name: "Steps" }).getByRole("button", { name: new RegExp(`^${state} ?${name}`) });

  it("shows every step without fetching the run again", async () => {
    await page.getByRole("link", { name: "Take many steps" }).first().click();
    await page.getByRole("link", { name: "many" }).last().click();
    await step("Wait for start", "running").waitFor();
    await keep(page, "live-start-1440-light");
    const before = fetched;
    await writeFile(join(signals, "start"), "");
    await step("Wait for end", "running").waitFor();
    await step(`Part ${stepsBetween - 1}`, "success").waitFor();
    expect(await page.getByRole("button", { name: /^success ?Part/ }).count()).toBe(stepsBetween);
    // One at most: for the job's start, which may have been a moment before.
    expect(fetched - before).toBeLessThanOrEqual(1);
  });

  it("is accessible on the run's page, on a phone and in the dark", async () => {
    await page.getByRole("link", { name: "Take many steps" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Take many steps" }).waitFor();
    for (const width of [1440, 360])
      for (const theme of ["light", "dark"] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: theme });
        expect(await accessibilityProblems(page)).toEqual([]);
        await keep(page, `live-run-${width}-${theme}`);
      }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it("shows the end of the run, and fetches it once more to be sure", async () => {
    const before = fetched;
    await writeFile(join(signals, "end"), "");
    await page.getByRole("button", { name: "Re-run all" }).waitFor();
    expect(await page.title()).toBe("✓ Take many steps · shop #1 · Sluice");
    await expect.poll(() => fetched - before, { timeout: 60_000 }).toBeGreaterThan(0);
    // For what only the server can tell at the start and the end, and for the pages visited; not for each step.
    expect(fetched).toBeLessThan(stepsBetween / 4);
    expect(visit.seen.errors).toEqual([]);
  });
});
