import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch, noBrowser } from "../test/e2e/browser.ts";
import { type Figure, inScratch, quantile } from "./measure.ts";
import { BenchServer } from "./started.ts";

const visits = 7;
const end = "line 1000000 of a million";

/**
 * Records when an element appears, in milliseconds after the navigation began, and resolves once the main thread is
 * idle again.
 */
const noteWhen = (selector: string): string => `
  window.drawn = new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector(${JSON.stringify(selector)})) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true });
  });
`;

/**
 * Scrolls a box by a fixed step in every frame for two seconds, and returns the duration of each frame, in
 * milliseconds.
 */
const scroll = (selector: string): string => `
  new Promise((resolve) => {
    const box = document.querySelector(${JSON.stringify(selector)});
    const times = [];
    const start = performance.now();
    let last = start;
    const frame = (now) => {
      times.push(now - last);
      last = now;
      box.scrollTop -= 37;
      if (now - start < 2000) requestAnimationFrame(frame);
      else resolve(times.slice(1));
    };
    requestAnimationFrame(frame);
  })
`;

/** The page's cost to its reader, beside plain pages of the same server in the same browser. */
export async function* pageFigures(): AsyncIterable<Figure> {
  if (noBrowser !== undefined) return console.error(`page: skipped, because ${noBrowser}`);
  yield* await inScratch(measure);
}

async function measure(folder: string): Promise<readonly Figure[]> {
  await using server = await BenchServer.start(folder, "{capacity: 2}");
  const browser = await launch();
  try {
    return await measureIn(browser, server);
  } finally {
    await browser.close();
  }
}

async function measureIn(browser: Browser, server: BenchServer): Promise<readonly Figure[]> {
  const { tree } = await server.repository("million", { "README.md": "many lines" });
  const workflow =
    "on: push\njobs:\n  print:\n    runs-on: ubuntu-latest\n    steps:\n      - run: seq -f 'line %.0f of a million' 1 1000000\n";
  const run = await server.ended(server.push(tree, ".github/workflows/ci.yml", workflow));
  const context = await signedIn(browser, server);
  const runPage = `${server.url}/runs/${run.id}`;
  const log = `${runPage}/jobs/${run.jobs[0]?.id ?? ""}`;
  const plain = `${server.url}/healthz`;
  const figures: Figure[] = [];
  const places = [
    ["Now", server.url, "main h2"],
    ["the run's page", runPage, "main h2"],
    ["the end of a log of 1,000,000 lines", log, ".log-row"],
  ] as const;
  for (const [name, address, selector] of places) {
    const ours: number[] = [];
    const limit: number[] = [];
    for (let visit = 0; visit < visits; visit += 1) {
      limit.push(await drawn(browser, context, plain, "body"));
      ours.push(await drawn(browser, context, address, selector));
    }
    figures.push({
      name: `first load of ${name}, nothing cached`,
      value: quantile(ours, 0.5),
      unit: "ms",
      promise: 1000,
    });
    figures.push({
      name: `the same, beside a line of text`,
      value: quantile(ours, 0.5),
      unit: "ms",
      limit: { name: "/healthz", value: quantile(limit, 0.5) },
    });
  }
  return [...figures, ...(await frames(context, log, plain))];
}

async function signedIn(browser: Browser, server: BenchServer): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Token").fill(server.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Now" }).waitFor();
  await page.close();
  return context;
}

/** Time until the element is drawn, in a browser with nothing cached. */
async function drawn(browser: Browser, context: BrowserContext, address: string, selector: string): Promise<number> {
  const fresh = await browser.newContext({
    storageState: await context.storageState(),
    viewport: { width: 1440, height: 900 },
  });
  const page = await fresh.newPage();
  await page.addInitScript(noteWhen(selector));
  await page.goto(address);
  const took = await page.evaluate<number>("window.drawn");
  await fresh.close();
  return took;
}

/** Frame times while scrolling a million lines, beside those of a plain list of 1,000 lines. */
async function frames(context: BrowserContext, log: string, plain: string): Promise<readonly Figure[]> {
  const ours = await context.newPage();
  await ours.goto(log);
  await ours.getByText(end).waitFor();
  const limit = await context.newPage();
  await limit.goto(plain);
  await limit.evaluate(`
    document.body.innerHTML = '<pre id="list" style="height: 700px; overflow: auto">' + Array.from({ length: 1000 }, (_, index) => "line " + index).join("\\n") + "</pre>";
    document.querySelector("#list").scrollTop = 1e6;
  `);
  const mine = await scrolled(ours, ".log-box");
  const theirs = await scrolled(limit, "#list");
  return [0.5, 0.95].map((share) => ({
    name: `a frame while those lines are scrolled, ${share === 0.5 ? "median" : "95 of 100"}`,
    value: quantile(mine, share),
    unit: "ms",
    limit: { name: "a plain list of 1,000 lines", value: quantile(theirs, share) },
    promise: 2,
  }));
}

async function scrolled(page: Page, selector: string): Promise<readonly number[]> {
  await page.bringToFront();
  return page.evaluate<number[]>(scroll(selector));
}
