import { evaluateCondition, type Contexts } from "../../expression/index.ts";
import { messageOf } from "../../model/index.ts";
import { conditionFunctions } from "../contexts.ts";
import type { StepLog } from "../output/log.ts";
import type { Ending, JobRun, Post } from "../state.ts";

interface Surroundings {
  readonly job: JobRun;
  readonly log: StepLog;
  readonly signal: AbortSignal;
  /** The contexts of conditions, as they are then. */
  contexts(): Contexts;
}

/** Runs the post steps inside a composite action in reverse order; a failing one does not stop the others. */
export async function runPosts(posts: readonly Post[], around: Surroundings): Promise<Ending> {
  let ending: Ending = { status: "success" };
  for (const post of posts.toReversed()) {
    if (!(post.isNeeded?.() ?? true) || !(await isWanted(post, around))) continue;
    around.log.line(`##[command]Post ${post.name}`);
    const one = await attempt(post, around);
    if (one.status !== "success" && ending.status === "success") ending = one;
  }
  return ending;
}

function isWanted({ condition = "always()", inputs }: Post, { job, contexts }: Surroundings): Promise<boolean> {
  const seen = inputs === undefined ? contexts() : { ...contexts(), inputs };
  return job.evaluate((functions) =>
    evaluateCondition({ $expr: condition }, seen, conditionFunctions(job.frame, functions)),
  );
}

async function attempt(post: Post, { log, signal }: Surroundings): Promise<Ending> {
  try {
    return await post.run({ log, signal });
  } catch (error) {
    log.error(messageOf(error));
    return { status: "failure", reason: messageOf(error) };
  }
}
