import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { SluiceError } from "../../model/index.ts";
import { PushMeter } from "./push-meter.ts";
import { git, gitEnvironment, killGroup, startGit, type GitChild } from "./process.ts";

/** One request of a git client over HTTP, as far as git's CGI program needs it. */
export interface GitHttpRequest {
  /** Path of the bare repository. */
  readonly repository: string;
  readonly service: GitService;
  /** True for the advertisement (`GET info/refs`), false for the exchange itself (`POST git-…-pack`). */
  readonly advertise: boolean;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** The client's `Git-Protocol` header. */
  readonly protocol?: string;
  /** The authenticated client; used for reflogs and the hook. */
  readonly user: string;
  readonly address: string;
  readonly body: Readable;
  /** Maximum size of a pushed pack, in bytes. */
  readonly pushLimit: number;
  /** Aborted when the client is gone: ends the child's whole group. */
  readonly signal: AbortSignal;
}

export type GitService = "git-upload-pack" | "git-receive-pack";

export interface GitHttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** Resolves with the exit status when git has ended. */
  readonly ended: Promise<number | null>;
}

const headerLimit = 64 * 1024;
/** How long git can take to begin its response, in milliseconds; a large push is received before that. */
const answerTimeout = 3_600_000;
/** How long an interrupted push can take to clean up, in milliseconds. */
const clearingTime = 5000;
let programPath: Promise<string> | undefined;

/**
 * Serves one request with git's own `http-backend` (git-http-backend(1)), streaming both ways. The caller checks
 * permissions first. Rejects with `git-failed` if git gives no response, with `payload-too-large` if a push is too
 * large, and with `call-invalid` for a compressed push: no client sends one, and its size would be meaningless.
 */
export async function serveGit(request: GitHttpRequest): Promise<GitHttpAnswer> {
  const receives = request.service === "git-receive-pack" && !request.advertise;
  if (receives && request.contentEncoding !== undefined)
    throw new SluiceError("call-invalid", "Git pushes must not be compressed.");
  const command = await (programPath ??= program().catch((error: unknown) => {
    programPath = undefined;
    throw error;
  }));
  const child = startGit([], { repository: request.repository, command, environment: cgiEnvironment(request) });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    // git cleans up after a push whose input ends; one that is killed leaves its objects (git 2.39 and later).
    request.body.unpipe(child.stdin);
    child.stdin.end();
    const grace = receives ? clearingTime : 0;
    setTimeout(() => killGroup(child, "SIGTERM"), grace).unref();
    setTimeout(() => killGroup(child), grace + 2000).unref();
  };
  const timer = setTimeout(end, answerTimeout);
  request.signal.addEventListener("abort", end, { once: true });
  if (request.signal.aborted) end();
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (status) => resolve(status));
  }).finally(() => {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", end);
    request.body.unpipe(child.stdin);
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 4000) complaint += chunk.toString("utf8");
  });
  request.body.on("error", end);
  let refusal: SluiceError | undefined;
  if (receives) {
    const meter = new PushMeter(request.pushLimit);
    request.body.on("data", (chunk: Buffer) => {
      if (refusal !== undefined) return;
      refusal = meter.pass(chunk);
      if (refusal !== undefined) end();
    });
  }
  request.body.pipe(child.stdin);
  // git has sent its whole response, but still waits for the rest of a body that may never come (the client is gone,
  // say). It waits as long as told, because the end of its input does not stop it.
  child.stdout.once("end", () => {
    if (!request.body.readableEnded) end();
  });
  try {
    const head = await readHead(child);
    // The program writes its header before it reads the push: a rejected push still gets our response.
    if (receives) await holdFirst(child);
    if (refusal !== undefined) throw refusal;
    return { ...head, body: child.stdout, ended };
  } catch (error) {
    end();
    if (refusal !== undefined) throw refusal;
    throw new SluiceError("git-failed", `git http-backend: ${complaint.trim() || "no response"}`, {
      cause: error,
    });
  }
}

async function program(): Promise<string> {
  const folder = (await git(undefined, ["--exec-path"])).toString("utf8").trim();
  const path = join(folder, "git-http-backend");
  await access(path, constants.X_OK).catch((error: unknown) => {
    throw new SluiceError("git-failed", `${path} does not exist.`, {
      help: "Install git with HTTP support (on some systems a separate package, such as git-daemon).",
      cause: error,
    });
  });
  return path;
}

/** How git serves, whatever the repository's own configuration says. */
const settings: Readonly<Record<string, string>> = {
  "http.receivepack": "true",
  "http.uploadpack": "true",
  "http.getanyfile": "false",
  "uploadpack.allowFilter": "true",
  "uploadpack.allowReachableSHA1InWant": "true",
  // The one filter whose cost a client can raise at will: its own patterns over every path.
  "uploadpackfilter.sparse:oid.allow": "false",
  // Memory limits of a child: larger files are streamed, and the delta search is limited per thread.
  "core.bigFileThreshold": "50m",
  "pack.windowMemory": "100m",
  "pack.threads": "2",
};

function cgiEnvironment(request: GitHttpRequest): Record<string, string> {
  const place = request.advertise ? "info/refs" : request.service;
  // No CONTENT_LENGTH: with it, git's program keeps reading after the end of its input, at full speed and forever, if a
  // body stays short (a killed server leaves such a child). Without it, the end of the input is the end.
  const optional: Readonly<Record<string, string | undefined>> = {
    CONTENT_TYPE: request.contentType,
    HTTP_CONTENT_ENCODING: request.contentEncoding,
    GIT_PROTOCOL: request.protocol,
  };
  const given = Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...gitEnvironment(request.repository, { ...settings, "receive.maxInputSize": String(request.pushLimit) }),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_TRANSLATED: join(request.repository, place),
    PATH_INFO: `/${place}`,
    REQUEST_METHOD: request.advertise ? "GET" : "POST",
    QUERY_STRING: request.advertise ? `service=${request.service}` : "",
    SERVER_PROTOCOL: "HTTP/1.1",
    REMOTE_USER: request.user,
    REMOTE_ADDR: request.address,
    GIT_COMMITTER_NAME: request.user,
    GIT_COMMITTER_EMAIL: "git@localhost",
    ...Object.fromEntries(given),
  };
}

/** Reads the CGI header up to the empty line; the rest stays in the stream. */
async function readHead(
  child: GitChild,
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>> }> {
  let buffered = Buffer.alloc(0);
  for (;;) {
    const end = buffered.indexOf("\r\n\r\n");
    if (end >= 0) {
      child.stdout.unshift(buffered.subarray(end + 4));
      return parseHead(buffered.subarray(0, end).toString("latin1"));
    }
    if (buffered.length > headerLimit) throw new Error("its header is too large");
    const chunk = await nextChunk(child);
    if (chunk === undefined) throw new Error("it ended before its header");
    buffered = Buffer.concat([buffered, chunk]);
  }
}

/** Waits for the first bytes of the body, or its end, and leaves them in the stream. */
async function holdFirst(child: GitChild): Promise<void> {
  const chunk = await nextChunk(child);
  if (chunk !== undefined) child.stdout.unshift(chunk);
}

async function nextChunk(child: GitChild): Promise<Buffer | undefined> {
  for (;;) {
    const chunk: unknown = child.stdout.read();
    if (Buffer.isBuffer(chunk)) return chunk;
    if (child.stdout.readableEnded || child.stdout.destroyed) return undefined;
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void) => (): void => {
        child.stdout.off("readable", onReadable).off("end", onReadable);
        child.off("error", onError);
        act();
      };
      const onReadable = settle(resolve);
      const onError = settle(() => reject(new Error("cannot start it")));
      child.stdout.once("readable", onReadable).once("end", onReadable);
      child.once("error", onError);
    });
  }
}

function parseHead(text: string): { readonly status: number; readonly headers: Readonly<Record<string, string>> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "status") status = Number.parseInt(value, 10);
    else if (["content-type", "cache-control", "expires", "pragma"].includes(name)) headers[name] = value;
  }
  return { status, headers };
}
