import { afterAll, describe, expect, it } from "vitest";
import { reportLimits, type JobReport } from "../model/index.ts";
import { run, script, scratchFolder, text } from "./testing.ts";

const work = scratchFolder();
afterAll(() => {
  work.remove();
});

/** Node itself, whose output needs six characters of JSON for each of its own. */
const say = (before: string, bytes: number): string =>
  `node -e 'process.stdout.write(${JSON.stringify(before)} + "\\u0001".repeat(${bytes}))'`;
/** What a server reads of one call. */
const mostInACall = 16 * 1024 * 1024;

function largest(reports: readonly JobReport[]): number {
  return Math.max(...reports.map((entry) => JSON.stringify(entry).length));
}

describe("what a job reports", () => {
  it("fails with the reason if its outputs are too large together, instead of sending what no server accepts", async () => {
    const { finished, reports } = await run(work.path, {
      job: { outputs: { one: text("${{ steps.a.outputs.v }}"), two: text("${{ steps.a.outputs.v }}") } },
      steps: [script("a", `${say("v=", 9_000_000)} >> $GITHUB_OUTPUT`)],
    });
    expect(finished).toMatchObject({
      status: "failure",
      outputs: {},
      reason: `its outputs have 18000006 bytes; the limit is ${reportLimits.outputs}`,
    });
    expect(largest(reports)).toBeLessThan(mostInACall);
  });

  it("keeps names, titles and messages short, however long what they are made of", async () => {
    const { finished, reports } = await run(work.path, {
      steps: [
        script("a", `${say("v=", 4_000_000)} >> $GITHUB_OUTPUT`),
        script("b", `${say("::error title=", 400_000)}; ${say("::", 400_000)}`),
        script("c", ": ${{ steps.a.outputs.v }}", { if: { $expr: "false" } }),
        script("d", "true", { name: text("${{ steps.a.outputs.v }}") }),
      ],
    });
    expect(finished.status).toBe("success");
    expect(largest(reports)).toBeLessThan(8 * reportLimits.message);
  });

  it("hides a secret that lies where a message is cut", async () => {
    const { annotations } = await run(work.path, {
      assignment: { secrets: { S: "topsecret" } },
      steps: [script("a", `printf '::error::%${reportLimits.message - 4}s%s\\n' '' topsecret`)],
    });
    expect(annotations).toHaveLength(1);
    expect(annotations[0]?.message).not.toContain("tops");
  });
});
