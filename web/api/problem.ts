import type { Problem } from "./types.ts";

/** An answer that says no, or no answer at all: what happened, and what to do about it. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  /** 0 when there was no answer. */
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

/** What an answer's body says is wrong; one that is no problem document (a proxy's page, say) is described as well as it can be. */
export function problemOf(response: Response, body: unknown): RequestFailed {
  const said: Partial<Problem> = typeof body === "object" && body !== null ? body : {};
  return new RequestFailed({
    status: response.status,
    code: said.code ?? `http-${response.status}`,
    detail: said.detail ?? said.title ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    help: said.help ?? "Try again; if it stays, look at the server's log.",
    instance: said.instance ?? "",
  });
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
