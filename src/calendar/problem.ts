/** What is wrong with a cron line: what, where in it, and what to do. Offsets count from 0; the end is exclusive. */
export interface CronProblem {
  readonly message: string;
  readonly help: string;
  readonly start: number;
  readonly end: number;
}

/** Carries a problem out of the parser; never leaves the room. */
export class CronError extends Error {
  readonly problem: CronProblem;

  constructor(problem: CronProblem) {
    super(problem.message);
    this.problem = problem;
  }
}
