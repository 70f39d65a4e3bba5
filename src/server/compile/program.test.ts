import { expect, it } from "vitest";
import { WorkflowCompiler } from "./compiler.ts";

it("finds its program beside the source too", async () => {
  const compiler = new WorkflowCompiler();
  const { lines } = await compiler.schedules("demo", [
    {
      path: ".github/workflows/a.yml",
      text: "on: {schedule: [{cron: '1 2 3 4 5'}]}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
    },
  ]);
  await compiler.close();
  expect(lines).toEqual([expect.objectContaining({ cron: "1 2 3 4 5" })]);
});
