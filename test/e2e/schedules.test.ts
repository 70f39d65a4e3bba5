import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityProblems, keep, noBrowser } from "./browser.ts";
import { push } from "./server.ts";
import { arrive, signIn, type Visit } from "./visit.ts";

const workflow = (name: string, lines: string): string =>
  `name: ${name}\non:\n  schedule:\n${lines}jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo done\n`;

/** Nothing of it is due while the tests run, whenever that is. */
function lineIn(hours: number, fields: (at: Date) => string): string {
  return fields(new Date(Date.now() + hours * 3_600_000));
}

const soon = lineIn(6, (at) => `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`);
const later = lineIn(3 * 24, (at) => `30 2 ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`);
const last = lineIn(100 * 24, (at) => `0 4 ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`);
/** As a part of a pattern. */
const shown = (line: string): string => line.replaceAll("*", "\\*");

describe.skipIf(noBrowser !== undefined)("the page of schedules", () => {
  let visit: Visit;
  let server: Visit["server"];
  let page: Visit["page"];
  let seen: Visit["seen"];

  beforeAll(async () => {
    visit = await arrive();
    ({ server, page, seen } = visit);
    await signIn(visit, "/schedules");
  });
  afterAll(async () => {
    await visit?.leave();
  });

  it("says what to write while nothing starts by itself", async () => {
    await page.waitForURL(`${server.url}/schedules`);
    await page.getByText("No schedules yet.").waitFor();
    await expect.poll(() => page.title()).toBe("Schedules · Sluice");
    await keep(page, "schedules-empty-1440-light");
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it("shows what a push schedules without a reload, the next due first, and what is never due with its place", async () => {
    await push(server, "shop", "Tidy up at night", {
      ".github/workflows/nightly.yml": workflow(
        "Nightly clean-up",
        `    - cron: ${later}\n      timezone: Europe/Berlin\n    - cron: ${last}\n`,
      ),
      ".github/workflows/report.yml": workflow("Report", `    - cron: ${soon}\n`),
      ".github/workflows/mirror.yml": workflow("Mirror", `    - cron: ${soon}\n`),
      ".github/workflows/never.yml": workflow("Never", "    - cron: '0 0 31 2 *'\n"),
    });
    const table = page.getByRole("table", { name: "Schedules" });
    await table.getByText(soon).waitFor();
    const rows = await table.locator("tbody tr").allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, " "))).toEqual([
      expect.stringMatching(`^in \\S+ ${shown(soon)} UTC .*mirror\\.yml:4.*report\\.yml:4.*shop no runs yet run$`),
      expect.stringMatching(`^in \\S+ ${shown(later)} Europe/Berlin Nightly clean-up`),
      expect.stringMatching(`${shown(last)} UTC`),
    ]);
    await page.getByRole("region", { name: "Never runs" }).getByText(".github/workflows/never.yml:4:18").waitFor();
  });

  it("starts one now, and shows how it ended", async () => {
    await page.getByRole("button", { name: `Run ${soon} of shop now` }).click();
    const row = page.getByRole("row").filter({ hasText: soon });
    await row.getByRole("link", { name: /^run \d+ of shop$/ }).waitFor();
    await row.getByText("success").waitFor();
    await expect.poll(() => row.innerText()).not.toContain("no runs yet");
  });

  it("fits and is accessible, in every size and theme", async () => {
    for (const [width, height] of [
      [1440, 900],
      [900, 700],
      [360, 740],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const theme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: theme });
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        // The last entry of the bar is not cut off.
        const bar = await page
          .getByRole("navigation", { name: "Main" })
          .evaluate((nav: { scrollWidth: number; clientWidth: number }) => nav.scrollWidth - nav.clientWidth);
        expect(bar).toBeLessThanOrEqual(0);
        expect(await accessibilityProblems(page)).toEqual([]);
        await keep(page, `schedules-${width}-${theme}`);
      }
    }
    expect([seen.strangers, seen.errors]).toEqual([[], []]);
  });
});
