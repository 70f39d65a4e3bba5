import { expect, it } from "vitest";
import { planOfAttempt } from "./attempt.ts";

it("a later attempt sees its number where the dialect shows one, and nowhere else", () => {
  const actions = {
    contexts: { github: { run_attempt: "1", sha: "a" }, vars: {} },
    systemEnv: { GITHUB_RUN_ATTEMPT: "1", CI: "true" },
  };
  expect(planOfAttempt(actions, 1)).toBe(actions);
  expect(planOfAttempt(actions, 3)).toEqual({
    contexts: { github: { run_attempt: "3", sha: "a" }, vars: {} },
    systemEnv: { GITHUB_RUN_ATTEMPT: "3", CI: "true" },
  });
  const native = { contexts: { event: {} }, systemEnv: { CI: "true" } };
  expect(planOfAttempt(native, 3)).toEqual(native);
});
