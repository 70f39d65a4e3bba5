import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noBrowser } from "./browser.ts";
import { ci, million } from "./project.ts";
import { push } from "./server.ts";
import { arrive, signIn, type Visit } from "./visit.ts";

/** Adds up every layout shift that no input caused, as browsers' cumulative layout shift does, and keeps what moved. */
const observeShifts = `
  window.shifts = { score: 0, moved: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shifts.score += entry.value;
      for (const { node } of entry.sources) window.shifts.moved.push(node?.nodeName + "." + (node?.className ?? ""));
    }
  }).observe({ type: "layout-shift", buffered: true });
`;

/** Scrolls by a fixed step in every frame, a hundred times. */
const scrollOn = `
  new Promise((resolve) => {
    const box = document.querySelector(".log-box");
    let frames = 0;
    const frame = () => {
      box.scrollTop -= 37;
      frames += 1;
      if (frames < 100) requestAnimationFrame(frame);
      else resolve();
    };
    requestAnimationFrame(frame);
  })
`;

/** What a reader sees holds still, and is all there. How fast it comes is measured by bench/page.ts. */
describe.skipIf(noBrowser !== undefined)("a page while it is read", () => {
  let visit: Visit;
  let server: Visit["server"];
  let page: Visit["page"];
  let run = "";
  let log = "";

  beforeAll(async () => {
    visit = await arrive(async (context) => context.addInitScript(observeShifts));
    ({ server, page } = visit);
    await signIn(visit);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    await push(server, "million", "Print a million lines", { ".github/workflows/main.yml": million });
    await page.getByRole("link", { name: "Print a million lines" }).first().click();
    await page.getByRole("button", { name: "Re-run all" }).waitFor();
    await page.getByRole("link", { name: "print" }).last().click();
    await page.getByText("line 1000000 of a million").waitFor();
    log = page.url();
    await push(server, "shop", "Round tax per line", { ".github/workflows/main.yml": ci });
    await page.goto(`${server.url}/runs?repository=shop`);
    await page.getByRole("link", { name: "Round tax per line" }).first().click();
    await page.getByRole("button", { name: "Re-run all" }).waitFor();
    run = page.url();
  });
  afterAll(async () => {
    await visit?.leave();
  });

  it("moves nothing once it is drawn, on a desktop and on a phone", async () => {
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 740 });
      for (const address of [
        server.url,
        `${server.url}/runs`,
        run,
        `${server.url}/repositories`,
        `${server.url}/runners`,
        log,
      ]) {
        await page.goto(address);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.locator('[aria-busy="true"]').waitFor({ state: "detached" });
        if (address === log) await page.getByText("line 1000000 of a million").waitFor();
        await page.waitForLoadState("networkidle").catch(() => undefined);
        const shifts = await page.evaluate<{ score: number; moved: string[] }>("window.shifts");
        // 0.1 is what counts as good (https://web.dev/articles/cls); here nothing that can be seen may move.
        expect({ address, width, ...(shifts.score < 0.01 ? {} : shifts) }).toEqual({ address, width });
      }
    }
  });

  it("scrolls a million lines without a gap in what is seen, and with few rows", async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(log);
    await page.getByText("line 1000000 of a million").waitFor();
    await page.evaluate(scrollOn);
    await expect.poll(() => page.locator(".log-missing").count()).toBe(0);
    expect(await page.getByText("line 1000000 of a million").count()).toBe(0);
    expect(await page.locator(".log-row").count()).toBeLessThan(100);
  });
});
