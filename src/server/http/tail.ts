import { isTerminal } from "../../model/index.ts";
import type { LogRange } from "../../store/index.ts";
import type { Services } from "./port.ts";
import type { EventStream } from "./stream.ts";

/** Maximum lines per message: enough to catch up fast, few enough to hold in memory for a slow reader. */
const batch = 2000;
/** How often to poll, in milliseconds. */
const lookAgain = 2000;

/**
 * Sends a step's log starting at a line, as it grows, at the reader's pace: nothing is read before there is room for
 * it. Each message's id is the number of the next line, so that a reader can resume.
 */
export async function streamLog(
  stream: EventStream,
  services: Services,
  from: { readonly job: string; readonly step: number; readonly from: number },
): Promise<void> {
  const { job, step } = from;
  let next = from.from;
  let changed = false;
  let wake = nothing;
  const subscription = services.control.live.subscribe(undefined, ({ event }) => {
    if ((event.type === "log" || event.type === "step") && event.job === job && event.step === step) {
      changed = true;
      wake();
    }
  });
  const timer = setInterval(() => {
    changed = true;
    wake();
  }, lookAgain);
  stream.signal.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!stream.signal.aborted) {
      changed = false;
      const page = await readLog(services, from, next, batch);
      if (page.lines.length > 0) {
        next = page.first + page.lines.length;
        if (!(await stream.send("lines", { first: page.first, lines: page.lines, times: page.times }, String(next))))
          return;
      } else if (page.closed) {
        await stream.send("closed", { total: page.total, bytes: page.bytes }, String(next));
        stream.end();
        return;
      } else if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearInterval(timer);
    subscription.close();
  }
}

/** Lines of a step's log. A step without output has no log to close: it still counts as closed. */
export async function readLog(
  services: Services,
  of: { readonly job: string; readonly step: number },
  first: number,
  count: number,
): Promise<LogRange> {
  const page = await services.logs.read(of.job, of.step, first, count);
  if (page.closed || page.bytes > 0) return page;
  const row = (await services.store.jobs.stepsOf([of.job])).find((each) => each.index === of.step);
  return { ...page, closed: row !== undefined && isTerminal(row.status) };
}

function nothing(): void {
  // Nobody waits.
}
