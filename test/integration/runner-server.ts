import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type Assignment, type JobReport, type Json, SluiceError, codes } from "../../src/model/index.ts";
import { type OpenedLogs, openLogs } from "../../src/store/index.ts";
import { lastingPort } from "../support/port.ts";

interface HeldJob {
  fence: number;
  cancel: boolean;
  /** The runner said that it begins. */
  begun: boolean;
  readonly reports: JobReport[];
  readonly artifacts: Map<string, Buffer>;
}

/** What goes wrong with a request: nothing, it never arrives, it arrives and its answer is lost, or no answer ever comes. */
export type Fate = "fine" | "refused" | "unanswered" | "silent";

/**
 * The server's side of the runner protocol, as small as it can be: real HTTP, real logs, and a say in the fate of each
 * request. A step's log is closed when its end is reported, as the real server does.
 */
export class RunnerServer {
  readonly logs: OpenedLogs;
  readonly jobs = new Map<string, HeldJob>();
  readonly caches = new Map<string, Buffer>();
  readonly queue: Assignment[] = [];
  /** Method and path of every request that was carried out. */
  readonly carriedOut: string[] = [];
  fate: (request: IncomingMessage) => Fate = () => "fine";
  token = "runner-token";
  /** How long a heartbeat waits for a cancel, in milliseconds. */
  beatMs = 500;
  leasesWaiting = 0;
  offers: { labels: string[]; free: number; holds: { job: string; fence: number }[] }[] = [];
  #server: Server | undefined;
  #port: number | undefined;
  #wake: (() => void)[] = [];

  constructor(dir: string) {
    this.logs = openLogs(dir);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async listen(): Promise<void> {
    this.#port ??= await lastingPort();
    const server = createServer((request, response) => void this.#handle(request, response));
    await once(server.listen(this.#port, "127.0.0.1"), "listening");
    this.#server = server;
  }

  /** Goes away as a killed server does: every connection breaks. */
  async leave(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    this.wake();
    await closed;
  }

  offer(...assignments: Assignment[]): void {
    for (const assignment of assignments)
      this.jobs.set(assignment.lease.job, {
        fence: assignment.lease.fence,
        cancel: false,
        begun: false,
        reports: [],
        artifacts: new Map(),
      });
    this.queue.push(...assignments);
    this.wake();
  }

  cancel(job: string): void {
    this.held(job).cancel = true;
    this.wake();
  }

  held(job: string): HeldJob {
    const held = this.jobs.get(job);
    if (held === undefined) throw new SluiceError("not-found", `No job ${job}.`);
    return held;
  }

  async log(job: string, step: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of this.logs.raw(job, step, 0)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** Ends all waits, whose requests look at their reason again. */
  wake(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fate = this.fate(request);
    if (fate === "refused") {
      request.socket.destroy();
      return;
    }
    if (fate === "silent") return;
    try {
      if (request.headers.authorization !== `Bearer ${this.token}`)
        throw new SluiceError("unauthenticated", "Wrong token.");
      const answer = await this.#answer(request, response);
      if (fate === "unanswered") request.socket.destroy();
      else if (answer !== undefined) response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    } catch (error) {
      if (fate === "unanswered" || !(error instanceof SluiceError)) {
        request.socket.destroy();
        return;
      }
      const length = "length" in error ? { length: error.length } : {};
      response
        .writeHead(codes[error.code].status, { "content-type": "application/problem+json" })
        .end(JSON.stringify({ code: error.code, detail: error.message, help: error.help, ...length }));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Json | undefined> {
    const url = new URL(request.url ?? "", this.url);
    const [, , , , first = "", job = "", part = "", name = "", last = ""] = url.pathname
      .split("/")
      .map((segment) => decodeURIComponent(segment));
    const body = await bodyOf(request);
    this.carriedOut.push(`${request.method} ${url.pathname.replace("/api/v1/runner/", "")}`);
    if (first === "register") return { id: "R1", token: this.token };
    if (first === "lease") return this.#lease(JSON.parse(body.toString()), request);
    const held = this.held(job);
    const fence = request.method === "POST" ? JSON.parse(body.toString()).fence : Number(url.searchParams.get("fence"));
    if (fence !== held.fence) throw new SluiceError("lease-stale", `The lease ${fence} of ${job} is over.`);
    switch (`${request.method} ${part}`) {
      case "POST begin":
        held.begun = true;
        response.writeHead(204).end();
        return undefined;
      case "POST heartbeat":
        return this.#heartbeat(held, request);
      case "POST report":
        await this.#report(job, held, JSON.parse(body.toString()));
        response.writeHead(204).end();
        return undefined;
      case "PUT steps":
        return last === "log"
          ? {
              length: (await this.logs.append(job, Number(name), Number(url.searchParams.get("offset")), body, 1))
                .length,
            }
          : undefined;
      case "PUT artifacts":
        if (held.artifacts.has(name) && url.searchParams.get("overwrite") !== "true")
          throw new SluiceError("already-exists", `There is an artifact ${name}.`);
        held.artifacts.set(name, body);
        return { name, bytes: body.length };
      case "GET artifacts":
        if (name === "")
          return { artifacts: [...held.artifacts].map(([of, content]) => ({ name: of, bytes: content.length })) };
        return this.#content(response, held.artifacts.get(name), name);
      case "PUT cache": {
        const key = `${url.searchParams.get("version")} ${url.searchParams.get("key")}`;
        if (this.caches.has(key)) return { saved: false };
        this.caches.set(key, body);
        return { saved: true };
      }
      case "GET cache":
        return this.#cache(url, response);
      default:
        throw new SluiceError("not-found", `Nothing at ${url.pathname}.`);
    }
  }

  async #lease(offer: RunnerServer["offers"][number] & { waitMs: number }, request: IncomingMessage): Promise<Json> {
    this.offers.push(offer);
    this.leasesWaiting += 1;
    if (this.queue.length === 0) await this.#wait(Math.min(offer.waitMs, 2_000), request);
    this.leasesWaiting -= 1;
    // A request whose sender is gone takes no job.
    if (request.socket.destroyed) return { assignments: [] };
    return { assignments: this.queue.splice(0, offer.free) as unknown as Json };
  }

  async #heartbeat(held: HeldJob, request: IncomingMessage): Promise<Json> {
    if (!held.cancel) await this.#wait(this.beatMs, request);
    return { cancel: held.cancel };
  }

  async #report(job: string, held: HeldJob, { from, entries }: { from: number; entries: JobReport[] }): Promise<void> {
    if (from > held.reports.length)
      throw new SluiceError("call-invalid", `Entries from ${from} on, and there are ${held.reports.length}.`);
    for (const [at, entry] of entries.entries()) {
      if (from + at < held.reports.length) continue;
      held.reports.push(entry);
      if (entry.type === "step.finished") await this.logs.close(job, entry.step);
    }
    this.wake();
  }

  #content(response: ServerResponse, content: Buffer | undefined, what: string): undefined {
    if (content === undefined) throw new SluiceError("not-found", `There is no ${what}.`);
    response.end(content);
    return undefined;
  }

  #cache(url: URL, response: ServerResponse): undefined {
    const version = url.searchParams.get("version");
    const key = url.searchParams.get("key") ?? "";
    const restoreKeys: string[] = JSON.parse(url.searchParams.get("restoreKeys") ?? "[]");
    for (const [at, wanted] of [key, ...restoreKeys].entries()) {
      const found = [...this.caches.keys()].find((each) =>
        at === 0 ? each === `${version} ${wanted}` : each.startsWith(`${version} ${wanted}`),
      );
      if (found === undefined) continue;
      response.setHeader("x-sluice-cache-key", encodeURIComponent(found.slice(`${version} `.length)));
      response.setHeader("x-sluice-cache-exact", String(at === 0));
      return this.#content(response, this.caches.get(found), found);
    }
    response.writeHead(204).end();
    return undefined;
  }

  #wait(ms: number, request: IncomingMessage): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#wake.push(done);
      request.socket.once("close", done);
    });
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
