import type { Problem } from "./types.ts";

/** An answer that says no, or no answer at all: what happened, and what to do about it. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  readonly status: number;
  readonly code: string;
  readonly help: string;
  /** The request's id in the server's log; empty when the server was not reached. */
  readonly instance: string;

  constructor(problem: Pick<Problem, "status" | "code" | "detail" | "help" | "instance">) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.help = problem.help;
    this.instance = problem.instance;
  }
}

/** Reads a problem document from an answer; an answer without one (a proxy's page, say) is described as well as it can be. */
export async function problemOf(response: Response): Promise<RequestFailed> {
  const text = await response.text();
  const said: Partial<Problem> = response.headers.get("content-type")?.includes("json") ? parse(text) : {};
  return new RequestFailed({
    status: response.status,
    code: said.code ?? `http-${response.status}`,
    detail: said.detail ?? said.title ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    help: said.help ?? "Try again; if it stays, look at the server's log.",
    instance: said.instance ?? "",
  });
}

function parse(text: string): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    // Not what its content type says: the status line is all there is to tell.
    return {};
  }
}

/** The same for a request that never got an answer. */
export function unreachable(): RequestFailed {
  return new RequestFailed({
    status: 0,
    code: "unreachable",
    detail: "The server cannot be reached.",
    help: "Check that `sluice server` runs and that this machine can reach it. The page tries again by itself.",
    instance: "",
  });
}
