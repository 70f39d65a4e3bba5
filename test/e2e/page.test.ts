import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityProblems, keep, noBrowser } from "./browser.ts";
import { byHand, ci, endless, million } from "./project.ts";
import { push } from "./server.ts";
import { arrive, type Visit } from "./visit.ts";

const workflow = ".github/workflows/main.yml";

/** One visit, from the door to a finished re-run: the tests follow each other on one server. */
describe.skipIf(noBrowser !== undefined)("the page", () => {
  let visit: Visit;
  let server: Visit["server"];
  let context: Visit["context"];
  let page: Visit["page"];
  let seen: Visit["seen"];
  /** Addresses of pages worth looking at in every size and theme. */
  const places = new Map<string, string>();

  beforeAll(async () => {
    visit = await arrive();
    ({ server, context, page, seen } = visit);
  });
  afterAll(async () => {
    await visit?.leave();
  });

  it("asks strangers for a token, and reports a wrong one", async () => {
    await page.goto(`${server.url}/runners`);
    await page.waitForURL(/\/sign-in/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await keep(page, "sign-in-1440-light");
    await page.getByLabel("Token").fill("sluice_wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("no such token").waitFor();
  });

  it("lets the holder of the printed token in, and leads to where they were going", async () => {
    await page.getByLabel("Token").fill(server.token);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${server.url}/runners`);
    await page.getByText("embedded").waitFor();
    expect(await page.title()).toBe("Runners · Sluice");
  });

  it("says how to begin while nothing has run", async () => {
    await page.getByRole("link", { name: "Now", exact: true }).click();
    await page.getByText(`git push ${server.url}/git/my-project.git HEAD`).waitFor();
    await keep(page, "empty-1440-light");
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it("shows a pushed commit without a reload, and its end", async () => {
    await push(server, "shop", "Round tax per line, not per order", {
      [workflow]: ci,
      ".github/workflows/by-hand.yml": byHand,
    });
    const run = page.getByRole("link", { name: "Round tax per line, not per order" }).first();
    await run.waitFor();
    await run.click();
    await page.getByRole("heading", { level: 1, name: /Round tax per line/ }).waitFor();
    // The state comes by itself: nothing here asks for it.
    await page.getByRole("button", { name: "Re-run all" }).waitFor();
    expect(await page.title()).toBe("✕ Round tax per line, not per order · shop #1 · Sluice");
    places.set("run", page.url());
  });

  it("shows problems first, the graph with a folded matrix, what it left behind and its summary as harmless text", async () => {
    const problems = page.getByRole("region", { name: "Problems" });
    await problems.getByText("Expected 12.40 but got 12.41").waitFor();
    const graph = page.getByRole("region", { name: "Workflow ci" });
    expect(await graph.getByRole("link", { name: /^\S+ (build|unit|report)/ }).count()).toBeGreaterThanOrEqual(3);
    await graph.getByRole("button", { name: /test 6\/6/ }).click();
    await graph.getByRole("link", { name: "test (22, alpine)" }).waitFor();
    await page.getByRole("region", { name: "Artifacts" }).getByRole("link", { name: "app" }).waitFor();
    const summary = page.getByRole("region", { name: "Summaries" });
    await summary.getByRole("cell", { name: "412 KB" }).waitFor();
    expect(await summary.locator("img").count()).toBe(0);
  });

  it("opens a failed job's log at its first error", async () => {
    await page.getByRole("region", { name: "Workflow ci" }).getByRole("link", { name: "unit" }).last().click();
    const error = page.locator('.log-row[data-kind="error"]', { hasText: "Expected 12.40 but got 12.41" });
    await error.waitFor();
    expect(await error.isVisible()).toBe(true);
    places.set("log", page.url());
  });

  it("searches the whole log on the server, also what is not loaded", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("CASE 17 passed");
    await page.getByText("1", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    const found = page.locator(".log-row[data-found]");
    await found.waitFor();
    expect(await found.innerText()).toBe("case 17 passed");
    await page.getByText("1 of 1", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
  });

  it("links lines by a click and a range by a second with Shift, and opens such a link again", async () => {
    await page.locator('.log-number[data-line="17"]').click();
    await page.locator('.log-number[data-line="20"]').click({ modifiers: ["Shift"] });
    await page.waitForURL(/#step-\d+:L17-L20$/);
    const again = await context.newPage();
    await again.goto(page.url());
    await again.locator(".log-row[data-selected] >> nth=3").waitFor();
    expect(await again.locator(".log-row[data-selected]").allInnerTexts()).toEqual(
      [17, 18, 19, 20].map((line) => `case ${line} passed`),
    );
    await again.close();
  });

  it("jumps from error to error with n, and to a line by its number", async () => {
    await page.locator(".log-box").focus();
    await page.keyboard.press("n");
    await page.waitForURL(/:L2001$/);
    await page.keyboard.press("/");
    await page.keyboard.type(":2400");
    await page.keyboard.press("Enter");
    await page.waitForURL(/:L2400$/);
    await page.locator(".log-row[data-selected]").waitFor();
    expect(await page.locator(".log-row[data-selected]").innerText()).toBe("tear down 399");
    await page.keyboard.press("Escape");
  });

  it("shows colours and commands, and nothing of other escape sequences or HTML", async () => {
    await page.goBack();
    await page.getByRole("region", { name: "Workflow ci" }).getByRole("link", { name: "build" }).last().click();
    await page
      .getByRole("navigation", { name: "Steps" })
      .first()
      .getByRole("button", { name: /Compile/ })
      .click();
    const lines = page.locator(".log-text");
    await lines.filter({ hasText: "violet" }).waitFor();
    expect(await lines.filter({ hasText: "violet" }).innerText()).toBe("✓ built in 1.2 s, violet  red ");
    expect(await lines.filter({ hasText: "not bold" }).innerText()).toBe("link <b>not bold</b>");
    await page.locator('.log-row[data-kind="warning"]').waitFor();
    await page.getByRole("button", { name: "Environment", expanded: true }).click();
    await page.getByRole("button", { name: "Environment", expanded: false }).waitFor();
    await page.getByText("VAR_7=value").waitFor({ state: "detached" });
  });

  it("runs again what failed, and keeps both attempts side by side", async () => {
    await page.goto(places.get("run") ?? "");
    await page.getByRole("button", { name: "Re-run failed" }).click();
    const attempts = page.getByRole("region", { name: "Attempts" });
    await attempts.getByRole("row", { name: /unit/ }).getByText("success").waitFor();
    expect(await attempts.getByRole("row", { name: /unit/ }).getByText("failure").count()).toBe(1);
    await expect.poll(() => page.title(), { timeout: 20_000 }).toMatch(/^✓ /);
    expect(await page.getByRole("button", { name: "Re-run failed" }).count()).toBe(0);
  });

  it("follows a running log until the reader scrolls, and cancels the run", async () => {
    await push(server, "watcher", "Watch for ever", { [workflow]: endless });
    await page.goto(server.url);
    await page.getByRole("link", { name: "Watch for ever" }).first().click();
    await page.getByRole("link", { name: "watch" }).last().click();
    const last = async (): Promise<number> =>
      Number((await page.locator(".log-text").last().innerText()).replace("tick ", ""));
    await expect.poll(last, { timeout: 20_000 }).toBeGreaterThan(60);
    const before = await last();
    await expect.poll(last).toBeGreaterThan(before);
    await keep(page, "live-1440-light");

    await page.locator(".log-box").hover();
    await page.mouse.wheel(0, -400);
    await page.getByRole("button", { name: "Follow the end", pressed: false }).waitFor();
    const stopped = await last();
    const total = page.getByText(/^[\d,]+ lines/);
    const length = await total.innerText();
    await expect.poll(() => total.innerText()).not.toBe(length);
    expect(await last()).toBe(stopped);

    await page.getByRole("link", { name: /^run 1 · Watch for ever/ }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => page.title(), { timeout: 20_000 }).toMatch(/^⊘ /);
    expect(await page.getByRole("button", { name: "Cancel" }).count()).toBe(0);
  });

  it("opens a log of a million lines at its end, with few rows", async () => {
    await push(server, "million", "Print a million lines", { [workflow]: million });
    await page.goto(`${server.url}/runs?repository=million`);
    await page.getByRole("link", { name: "Print a million lines" }).click();
    await expect.poll(() => page.title(), { timeout: 60_000 }).toMatch(/^✓ /);
    await page.getByRole("link", { name: "print" }).last().click();
    await page.getByText("line 1000000 of a million").waitFor();
    expect(await page.locator(".log-row").count()).toBeLessThan(100);

    await page.locator(".log-box").focus();
    await page.keyboard.press("Home");
    await page.getByText("line 1 of a million", { exact: true }).waitFor();
    await page.keyboard.press("End");
    await page.getByText("line 1000000 of a million").waitFor();
    // Past what a browser can hold in height, a turn of the wheel still moves by its own pixels.
    await page.locator(".log-box").hover();
    await page.mouse.wheel(0, -2_000);
    const first = async (): Promise<number> =>
      Number(await page.locator(".log-number").first().getAttribute("data-line"));
    await expect.poll(first).toBeLessThan(999_900);
    expect(await first()).toBeGreaterThan(999_800);
  });

  it("finds things with the keyboard alone", async () => {
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL(/\/runs/);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // Whoever knows the keys makes no pause between closing and opening.
    const atOnce = `
      document.querySelector("dialog[open]").close();
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
    `;
    await page.evaluate(atOnce);
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    await page.evaluate(atOnce);
    await expect.poll(() => page.locator("dialog").count()).toBe(1);
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    await page.keyboard.type("round tax");
    await page.getByRole("option", { name: /Round tax per line/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL(places.get("run") ?? "");
  });

  it("lists repositories with how their last run ended, and starts one by hand", async () => {
    await page.goto(`${server.url}/repositories`);
    const shop = page.getByRole("row").filter({ hasText: "shop" });
    await shop.getByRole("link", { name: "run 1 of shop" }).waitFor();
    await shop.getByText("success").waitFor();
    await shop.getByRole("button", { name: "Run a workflow of shop" }).click();
    const dialog = page.getByRole("dialog", { name: "Run a workflow of shop" });
    await dialog.getByLabel("Branch or tag").fill("no-such-branch");
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Run" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Branch or tag").fill("main");
    await dialog.getByLabel("Workflow file").fill(".github/workflows/by-hand.yml");
    await dialog.getByLabel("Inputs").fill("greeting=hello from the page");
    await dialog.getByRole("button", { name: "Run" }).click();
    await page.waitForURL(/\/runs\?repository=shop/);
    // The new run comes by itself, above the first.
    const row = page.getByRole("row").filter({ hasText: "#2" });
    await row.getByText("Greet with <b>hello from the page</b>").first().waitFor();
    await row.getByRole("link").first().click();
    const section = page.getByRole("region", { name: "Workflow by hand" });
    await section.getByText("Greet with <b>hello from the page</b>").waitFor();
    // On a phone the workflow's name keeps its place beside what this run of it is called.
    await page.setViewportSize({ width: 360, height: 740 });
    const name = section.getByRole("heading", { name: "by hand" });
    expect(await name.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    await page.setViewportSize({ width: 1440, height: 900 });
    await expect.poll(() => page.title(), { timeout: 20_000 }).toMatch(/^✓ .*shop #2/);
  });

  it("keeps filters in the address", async () => {
    await page.goto(`${server.url}/runs`);
    await page.getByLabel("State").selectOption("cancelled");
    await page.waitForURL(/status=cancelled/);
    await page.getByRole("link", { name: "Watch for ever" }).waitFor();
    await page.getByRole("link", { name: "Round tax per line" }).waitFor({ state: "detached" });
    await page.getByLabel("Search runs").fill("nothing of that name");
    await page.getByText("No run matches these filters.").waitFor();
    await page.reload();
    await page.getByText("No run matches these filters.").waitFor();
    expect(await page.getByLabel("State").inputValue()).toBe("cancelled");
  });

  const views = [
    ["now", "/"],
    ["runs", "/runs"],
    ["run", "run"],
    ["log", "log"],
    ["repositories", "/repositories"],
    ["runners", "/runners"],
    ["missing", "/nowhere"],
  ] as const;
  for (const [theme, width] of [
    ["light", 1440],
    ["dark", 1440],
    ["light", 360],
    ["dark", 360],
  ] as const) {
    it(`breaks no rule of accessibility, and fits, at ${width} px in the ${theme} theme`, async () => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      for (const [name, place] of views) {
        await page.goto(place.startsWith("/") ? server.url + place : (places.get(place) ?? ""));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForLoadState("load");
        if (name === "log") await page.locator(".log-row").first().waitFor();
        await page.locator('[aria-busy="true"]').waitFor({ state: "detached" });
        await keep(page, `${name}-${width}-${theme}`);
        const wider = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
        expect({ name, problems: await accessibilityProblems(page), wider }).toEqual({ name, problems: [], wider: 0 });
      }
    });
  }

  it("signs out", async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: /Signed in as/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    expect((await context.cookies()).filter((cookie) => cookie.name.startsWith("sluice"))).toEqual([]);
  });

  it("has asked no other host for anything, and has met no error of its own", () => {
    expect(seen.strangers).toEqual([]);
    expect(seen.errors).toEqual([]);
  });
});
