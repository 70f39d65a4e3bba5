import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityProblems, keep, noBrowser } from "./browser.ts";
import { broken, graph, grouped, unanswered } from "./project.ts";
import { push } from "./server.ts";
import { arrive, signIn, type Visit } from "./visit.ts";

const workflow = ".github/workflows/main.yml";

/** Why something does not go on, wherever it is shown, with the way to the cause. */
describe.skipIf(noBrowser !== undefined)("the page, of what waits, cannot run or failed", () => {
  let visit: Visit;
  let server: Visit["server"];
  let page: Visit["page"];
  let seen: Visit["seen"];
  const places = new Map<string, string>();

  /** Opens a run by its title. */
  const open = async (title: string): Promise<void> => {
    await page.goto(`${server.url}/runs`);
    await page.getByRole("link", { name: title, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
  };

  beforeAll(async () => {
    visit = await arrive();
    ({ server, page, seen } = visit);
    await signIn(visit);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    await push(server, "website", "Deploy the pricing page", { [workflow]: grouped });
    await push(server, "website", "Correct a typo", {});
    await push(server, "website", "Deploy the hotfix", {});
    await push(server, "firmware", "Flash the boards", { [workflow]: unanswered });
    await push(server, "gateway", "Build in a graph", { ".woodpecker/build.yaml": graph });
    await push(server, "tangled", "Break the file", { [workflow]: broken });
    await push(server, "notes", "Write things down", { "README.md": "notes\n" });
  });
  afterAll(async () => {
    await visit?.leave();
  });

  it("tells of a run in a concurrency group who holds it and how many are ahead, and leads there", async () => {
    await page.goto(server.url);
    const row = page.getByRole("row").filter({ hasText: "Deploy the hotfix" });
    await row
      .getByText("waits for concurrency group production, held by run 1; 1 ahead in the queue")
      .first()
      .waitFor();
    await open("Deploy the hotfix");
    places.set("group", page.url());
    await page.getByRole("table").getByText("1 ahead in the queue").first().waitFor();
    await page.getByRole("link", { name: "run 1" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Deploy the pricing page" }).waitFor();
    await expect.poll(() => page.title()).toBe("◐ Deploy the pricing page · website #1 · Sluice");
  });

  it("tells of a job that nobody takes which label is missing, and of those behind it whom they wait for", async () => {
    await open("Flash the boards");
    places.set("labels", page.url());
    await page.getByText("but no runner online has the label lab-bench").first().waitFor();
    await page.getByRole("table").getByText("waits for job flash").waitFor();
    await page.getByRole("table").getByRole("link", { name: "verify" }).click();
    await page.getByRole("heading", { level: 1, name: "verify" }).waitFor();
    places.set("waiting job", page.url());
    await page.getByRole("link", { name: "flash", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "flash" }).waitFor();
    await page.getByRole("link", { name: "runner", exact: true }).click();
    await page.waitForURL(/\/runners$/);
    await expect.poll(() => page.title()).toBe("Runners · Sluice");
  });

  it("draws steps that come after each other, each leading to its log", async () => {
    await open("Build in a graph");
    await page.getByRole("button", { name: "Re-run all" }).waitFor();
    places.set("steps", page.url());
    await page.getByText(".woodpecker/build.yaml").waitFor();
    const steps = page.getByRole("list", { name: "Steps and their needs" });
    await expect
      .poll(() => steps.getByRole("link").allInnerTexts())
      .toEqual(["success\nclone", "success\ninstall", "success\nlint", "failure\nintegration", "skipped\npackage"]);
    await steps.getByRole("link", { name: "failure integration" }).click();
    await page.waitForURL(/#step-\d+$/);
    places.set("step log", page.url());
    await page
      .locator(".log-row")
      .filter({ hasText: /^src.*error: connection refused/ })
      .waitFor();
    await page.getByRole("navigation", { name: "Steps" }).first().getByText("after lint, integration").waitFor();
  });

  it("opens a failing step's log at what went wrong, not at the runner's closing word", async () => {
    const line = page.locator(".log-row[data-failed]");
    await expect.poll(() => line.allInnerTexts()).toEqual(["src/db.ts:3:9: error: connection refused"]);
    await expect.poll(() => line.isVisible()).toBe(true);
    await page.getByText("1 error", { exact: true }).waitFor();
  });

  it("brings a linked line into sight where long lines wrap, on a phone", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole("button", { name: "Wrap long lines" }).click();
    const error = page.locator(".log-row[data-failed]");
    const box = page.locator(".log-box");
    const visible = async (): Promise<boolean> => {
      const [row, window] = [await error.boundingBox(), await box.boundingBox()];
      return (
        row !== null && window !== null && row.y >= window.y - 1 && row.y + row.height <= window.y + window.height + 1
      );
    };
    await page.reload();
    await expect.poll(visible).toBe(true);
    await box.focus();
    await page.keyboard.press("Home");
    // The browser scrolls there smoothly, and would go on after the jump.
    await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBe(0);
    await page.keyboard.press("n");
    await expect.poll(visible).toBe(true);
    await page.getByRole("button", { name: "Wrap long lines" }).click();
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it("says where a workflow file is wrong, and of a repository that never ran how to begin", async () => {
    await open("Break the file");
    places.set("broken", page.url());
    await page.getByRole("region", { name: "Problems" }).getByText(".github/workflows/main.yml:").first().waitFor();
    await page.goto(`${server.url}/runs?repository=notes`);
    places.set("no runs", page.url());
    await page.getByText("notes has no runs yet.").waitFor();
    await expect.poll(() => page.getByText(`git push ${server.url}/git/notes.git HEAD`).isVisible()).toBe(true);
  });

  it("sorts runs, repositories and jobs by a column, and keeps that in the address", async () => {
    await page.goto(`${server.url}/runs`);
    const titles = async (): Promise<string[]> =>
      page.locator("tbody tr td:nth-child(2) > a:first-child").allInnerTexts();
    await page.getByRole("row").nth(6).waitFor();
    const all = await titles();
    await page.getByRole("columnheader", { name: "Run", exact: true }).getByRole("button").click();
    await page.waitForURL(/sort=run$/);
    await expect.poll(titles).toEqual(all.toSorted());
    await expect
      .poll(() => page.getByRole("columnheader", { name: "Run", exact: true }).getAttribute("aria-sort"))
      .toBe("ascending");
    await page.getByRole("columnheader", { name: "Run", exact: true }).getByRole("button").click();
    await page.waitForURL(/sort=-run$/);
    await page.reload();
    await page.getByRole("row").nth(6).waitFor();
    await expect.poll(titles).toEqual(all.toSorted().toReversed());
    await page.getByLabel("State").selectOption("blocked");
    await page.waitForURL((url) => url.search.includes("status=blocked") && url.search.includes("sort=-run"));
    await page.goto(`${server.url}/repositories?sort=-name`);
    await page.getByRole("row").nth(5).waitFor();
    await expect.poll(titles).toEqual(["website", "tangled", "notes", "gateway", "firmware"]);
    await page.goto(places.get("labels") ?? "");
    await page.getByRole("columnheader", { name: "Job" }).getByRole("button").click();
    await page.waitForURL(/sort=job$/);
    await expect
      .poll(() => page.locator("tbody tr td:first-child a").allInnerTexts())
      .toEqual(["announce", "compile", "flash", "verify"]);
  });

  it("finds runs by number, commit and branch from anywhere", async () => {
    await page.goto(places.get("step log") ?? "");
    await page.locator(".log-row").first().waitFor();
    for (const text of ["website #2", "main", "gate"]) {
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog", { name: "Find anything" }).waitFor();
      await page.keyboard.type(text);
      await page.getByRole("option", { name: text === "gate" ? /^› gateway/ : /Correct a typo/ }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    const sha = await page.evaluate<string>(
      `fetch("/api/v1/runs?text=%232&repository=website").then((answer) => answer.json()).then(({ runs }) => runs[0].sha)`,
    );
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    await page.keyboard.type(sha.slice(0, 8));
    await page.getByRole("option", { name: /Correct a typo/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Correct a typo" }).waitFor();
  });

  for (const [theme, width] of [
    ["light", 1440],
    ["dark", 1440],
    ["light", 360],
    ["dark", 360],
  ] as const) {
    it(`breaks no rule of accessibility in any of these states, and fits, at ${width} px in the ${theme} theme`, async () => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      for (const [name, address] of places) {
        await page.goto(address);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.locator('[aria-busy="true"]').waitFor({ state: "detached" });
        if (name === "step log") await page.locator(".log-row").first().waitFor();
        await keep(page, `state-${name.replaceAll(" ", "-")}-${width}-${theme}`);
        const wider = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
        expect({ name, wider, problems: await accessibilityProblems(page) }).toEqual({ name, wider: 0, problems: [] });
      }
      await page.getByRole("button", { name: /Signed in as/ }).click();
      await page.getByRole("dialog", { name: "Account" }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press("Escape");
    });
  }

  it("has met no error of its own", () => {
    expect(seen.strangers).toEqual([]);
    expect(seen.errors).toEqual([]);
  });
});
