import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const shots = join(import.meta.dirname, "../../output/screenshots");

/** Why the browser tests cannot run here; undefined when they can. In CI a missing browser is a failure, not a reason to skip. */
export const noBrowser = await access(executablePath).then(
  () => undefined,
  () => `there is no browser at ${executablePath} (apt-get install chromium, or set CHROMIUM)`,
);

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    timeout: 120_000,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What went wrong in a page while nobody looked. */
export interface Watch {
  /** Requests to anywhere but the server. */
  readonly strangers: string[];
  /** Errors of scripts, and what the Content-Security-Policy stopped. */
  readonly errors: string[];
}

/** Notes every request to another host and every error of all pages of the context. */
export function watch(context: BrowserContext, origin: string): Watch {
  const seen: Watch = { strangers: [], errors: [] };
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) seen.strangers.push(request.url());
  });
  context.on("weberror", (error) => seen.errors.push(String(error.error())));
  context.on("console", (message) => {
    // A refused request is shown on the page and tested there; the browser logs it besides.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      seen.errors.push(message.text());
  });
  return seen;
}

/** Rules of WCAG 2.2 A and AA, and axe's own advice, that the page breaks: one line each. Empty is good. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's Content-Security-Policy rightly refuses inline scripts.
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`
    axe
      .run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ": " + node.html.slice(0, 200) + " " + node.failureSummary)))
  `);
}

/** Keeps a picture of what is seen at output/screenshots/<name>.png. */
export async function keep(page: Page, name: string): Promise<void> {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}
