import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityProblems, keep, noBrowser } from "./browser.ts";
import { branch, hostile, jobName, stepName, title, workflowName } from "./hostile.ts";
import { push } from "./server.ts";
import { arrive, signIn, type Visit } from "./visit.ts";

/** Text as the page shows it: what turns the direction of text around is made visible. */
const shown = (text: string): string => text.replaceAll("\u202E", "\uFFFD");

/** What anybody may push must stay text, in every view, at every width. */
describe.skipIf(noBrowser !== undefined)("the page, given hostile names and logs", () => {
  let visit: Visit;
  let server: Visit["server"];
  let page: Visit["page"];
  let seen: Visit["seen"];
  const dialogs: string[] = [];
  let run = "";
  let job = "";

  beforeAll(async () => {
    // A violation of the policy would mean that something tried to run, and that only the policy stood in its way.
    visit = await arrive(async (context) =>
      context.addInitScript(
        `document.addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective + " " + event.blockedURI));`,
      ),
    );
    ({ server, page, seen } = visit);
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await signIn(visit);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    await push(server, "evil", title, { ".github/workflows/main.yml": hostile }, branch);
    await page
      .getByRole("link", { name: /^<img src=x/ })
      .first()
      .click();
    await page.getByRole("button", { name: "Re-run all" }).waitFor();
    run = page.url();
    await page
      .getByRole("region", { name: /^Workflow/ })
      .getByRole("link", { name: /^<svg onload/ })
      .last()
      .click();
    await page.locator(".log-row").first().waitFor();
    job = page.url();
  });
  afterAll(async () => {
    await visit?.leave();
  });

  it("shows the run's names as they are written, and what turns text around as what it is", async () => {
    await page.goto(run);
    const heading = page.getByRole("heading", { level: 1 });
    await expect.poll(() => heading.innerText()).toContain(shown(title).slice(0, 60));
    await expect.poll(() => page.getByRole("heading", { level: 2, name: shown(workflowName) }).count()).toBe(1);
    await expect.poll(() => page.getByTitle(jobName).count()).toBeGreaterThan(0);
    await page.getByText("<img src=x onerror=alert(7)> [x](javascript:alert(8))").waitFor();
    expect(await page.locator("body").innerText()).not.toContain("\u202E");
  });

  it("makes of a summary no element that loads, runs or leads astray", async () => {
    const summary = page.getByRole("region", { name: "Summaries" });
    await summary.getByText("<script>alert(9)</script>").waitFor();
    expect(await summary.locator("img, script, iframe, style, object, embed, form").count()).toBe(0);
    const addresses = await summary.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(addresses.filter((address) => address !== "")).toEqual([
      "http://evil.example/x.png",
      "https://example.org/",
    ]);
    const attributes = await summary.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("rel")));
    expect(new Set(attributes)).toEqual(new Set(["noreferrer nofollow ugc"]));
  });

  it("shows of a log its text and nothing else", async () => {
    await page.goto(job);
    await page.getByRole("navigation", { name: "Steps" }).first().getByText(stepName).waitFor();
    await page.locator(".log-box").focus();
    await page.keyboard.press("Home");
    const lines = page.locator(".log-text");
    await lines.filter({ hasText: "alert(4)" }).waitFor();
    const texts = await lines.allInnerTexts();
    expect(texts).toContain("<script>alert(4)</script><img src=x onerror=alert(4)>");
    expect(texts).toContain("click me after");
    expect(texts).toContain("cleared");
    expect(texts).toContain("real\uFFFDgpj.exe");
    expect(await page.locator(".log-box a, .log-box img, .log-box script").count()).toBe(0);
  });

  it("finds it by what it says, in the palette and among the runs", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    await page.keyboard.type("evil #1");
    await page.getByRole("option", { name: /^failure <img src=x/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.goto(`${server.url}/runs?text=${encodeURIComponent("<script>alert(1)</script>")}`);
    await page.getByRole("link", { name: /^<img src=x/ }).waitFor();
  });

  for (const width of [360, 1440]) {
    it(`keeps its layout at ${width} px: nothing is wider than the window, and axe finds nothing`, async () => {
      await page.setViewportSize({ width, height: 740 });
      const search = `${server.url}/runs?text=${encodeURIComponent(`"><img src=x onerror=alert(13)>${"q".repeat(180)}`)}`;
      for (const [name, address] of [
        ["now", server.url],
        ["runs", `${server.url}/runs`],
        ["run", run],
        ["job", job],
        ["repositories", `${server.url}/repositories`],
        ["nothing", search],
      ] as const) {
        await page.goto(address);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.locator('[aria-busy="true"]').waitFor({ state: "detached" });
        if (name === "job") await page.locator(".log-row").first().waitFor();
        await keep(page, `hostile-${name}-${width}`);
        const wider = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
        expect({ name, wider, problems: await accessibilityProblems(page) }).toEqual({ name, wider: 0, problems: [] });
      }
    });
  }

  it("has run nothing, asked nobody, and tried nothing that the policy had to stop", () => {
    expect(dialogs).toEqual([]);
    expect(seen.strangers).toEqual([]);
    expect(seen.errors).toEqual([]);
  });
});
