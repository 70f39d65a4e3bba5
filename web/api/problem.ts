import type { Problem } from "./types.ts";

/** An error response, or no response at all: what happened and what to do. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  /** 0 if there was no response. */
  readonly status: number;
  readonly code: string;
  readonly help: string;
  /** The request's id in the server's log; empty if the server was not reached. */
  readonly instance: string;

  constructor(problem: Pick<Problem, "status" | "code" | "detail" | "help" | "instance">) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.help = problem.help;
    this.instance = problem.instance;
  }
}

/**
 * The problem in a response's body. A body that is not a problem document (a proxy's page, say) is described as well as
 * possible.
 */
export function problemOf(response: Response, body: unknown): RequestFailed {
  const said: Partial<Problem> = typeof body === "object" && body !== null ? body : {};
  return new RequestFailed({
    status: response.status,
    code: said.code ?? `http-${response.status}`,
    detail: said.detail ?? said.title ?? `The server responded with ${response.status} ${response.statusText}`.trim(),
    help: said.help ?? "Try again. If it keeps failing, check the server's log.",
    instance: said.instance ?? "",
  });
}

/** The same for a request that got no response. */
export function unreachable(): RequestFailed {
  return new RequestFailed({
    status: 0,
    code: "unreachable",
    detail: "Cannot reach the server.",
    help: "Check that `sluice server` is running and that this machine can reach it. The page retries by itself.",
    instance: "",
  });
}
