import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch, noBrowser, watch, type Watch } from "./browser.ts";
import { leaveOut } from "../support/missing.ts";
import { startServer, type TestServer } from "./server.ts";

if (noBrowser !== undefined) leaveOut("the browser tests", noBrowser);

/** A server of its own, and somebody with a browser in front of it. */
export interface Visit {
  readonly server: TestServer;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in any page meanwhile. */
  readonly seen: Watch;
  /** Closes the browser, stops the server and removes its data. */
  leave(): Promise<void>;
}

/** Starts both, with an empty page at 1440 by 900 pixels. `prepare` may change the browser's context before its first page. */
export async function arrive(prepare?: (context: BrowserContext) => Promise<unknown>): Promise<Visit> {
  const server = await startServer();
  let browser: Browser | undefined;
  const leave = async (): Promise<void> => {
    await browser?.close();
    await server.stop();
  };
  try {
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(60_000);
    const seen = watch(context, server.url);
    await prepare?.(context);
    return { server, context, page: await context.newPage(), seen, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Asks for a path of the server as a stranger, and signs in with the first token, which leads there. */
export async function signIn({ page, server }: Visit, path = "/"): Promise<void> {
  await page.goto(`${server.url}${path}`);
  await page.getByLabel("Token").fill(server.token);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server.url}${path}`);
}
