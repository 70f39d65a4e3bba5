/** A problem in a cron line: what, where, and how to fix it. Offsets count from 0; the end is exclusive. */
export interface CronProblem {
  readonly message: string;
  readonly help: string;
  readonly start: number;
  readonly end: number;
}

/** Carries a problem out of the parser; never leaves this room. */
export class CronError extends Error {
  readonly problem: CronProblem;

  constructor(problem: CronProblem) {
    super(problem.message);
    this.problem = problem;
  }
}
