import { messageOf } from "../model/index.ts";
import { conditionHolds } from "./contexts.ts";
import type { JobControl, Running } from "./control.ts";
import { StepLog } from "./output/log.ts";
import type { Ending, JobRun, Post } from "./state.ts";
import { logError } from "./step-name.ts";
import { reportEnd } from "./report-end.ts";

/** Runs what actions registered for the end of the job, in reverse order, each as an additional step of the job. */
export async function runJobPosts(job: JobRun, control: JobControl): Promise<void> {
  for (let post = job.frame.posts.pop(); post !== undefined; post = job.frame.posts.pop()) {
    if (post.isNeeded?.() ?? true) await runJobPost(job, control, post);
  }
}

async function runJobPost(job: JobRun, control: JobControl, post: Post): Promise<void> {
  const name = `Post ${post.name}`;
  const index = job.addStep(`__post_${post.id}`, name);
  const log = new StepLog(index, job.ports.reporter, job.masker);
  // As written: one without a status function holds after a failure too.
  const condition = post.condition ?? "always()";
  const running: Running = { condition, inputs: post.inputs, controller: new AbortController() };
  control.enter(running);
  let begun = false;
  let ending: Ending;
  try {
    // Ended before it started: nothing may start any more.
    if (!running.controller.signal.aborted && (await conditionHolds(job.frame, condition, post.inputs))) {
      begun = true;
      job.report({ type: "step.started", step: index, name, at: Date.now() });
      ending = await post.run({ log, signal: running.controller.signal });
    } else ending = { status: "skipped" };
  } catch (error) {
    if (!begun) job.report({ type: "step.started", step: index, name, at: Date.now() });
    logError(log, error);
    ending = { status: "failure", reason: messageOf(error) };
  }
  await log.flush();
  control.leave(running);
  if (ending.status === "failure" && job.frame.status === "success") job.frame.status = "failure";
  reportEnd(job, index, { ...ending, allowed: false });
}
