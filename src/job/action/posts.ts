import { evaluateCondition, type Contexts, type ExpressionFunctions } from "../../expression/index.ts";
import { messageOf } from "../../model/index.ts";
import type { StepLog } from "../output/log.ts";
import type { Ending, Post } from "../state.ts";

/** Runs the post steps inside a composite action, backwards; one that fails does not keep the others from running. */
export async function runPosts(
  posts: readonly Post[],
  host: { readonly log: StepLog; readonly signal: AbortSignal; functions(): ExpressionFunctions; contexts(): Contexts },
): Promise<Ending> {
  let ending: Ending = { status: "success" };
  for (const post of posts.toReversed()) {
    const contexts = post.inputs === undefined ? host.contexts() : { ...host.contexts(), inputs: post.inputs };
    if (
      !(post.isNeeded?.() ?? true) ||
      !evaluateCondition({ $expr: post.condition ?? "always()" }, contexts, host.functions())
    )
      continue;
    host.log.line(`##[command]Post ${post.name}`);
    const one = await attempt(post, host);
    if (one.status !== "success" && ending.status === "success") ending = one;
  }
  return ending;
}

async function attempt(post: Post, host: { readonly log: StepLog; readonly signal: AbortSignal }): Promise<Ending> {
  try {
    return await post.run(host);
  } catch (error) {
    host.log.error(messageOf(error));
    return { status: "failure", reason: messageOf(error) };
  }
}
