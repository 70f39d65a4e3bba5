import { describe, expect, it } from "vitest";
import { Installation, Refused } from "../support/installation.ts";
import { leaveOut } from "../support/missing.ts";
import { hasPostgres, OwnPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

if (!hasPostgres) leaveOut("the restart of PostgreSQL", "there is no PostgreSQL in /usr/lib/postgresql");

/** Jobs of six steps, half a second each, that print and record their start and end. */
function workflow(steps: string): string {
  const step = (index: number): string => `
      - name: s${index}
        run: |
          echo "$GITHUB_JOB s${index} start" >> ${steps}
          for i in 1 2 3 4 5; do echo "line $i"; sleep 0.1; done
          echo "$GITHUB_JOB s${index} end" >> ${steps}`;
  const job = (name: string, needs: string): string => `
  ${name}:
    runs-on: host${needs}
    steps:${[1, 2, 3, 4, 5, 6].map(step).join("")}`;
  return `
on: push
concurrency: one
jobs:${job("one", "")}${job("two", "")}${job("after", "\n    needs: [one, two]")}
`;
}

const lines = ["after", "one", "two"].flatMap((job) =>
  [1, 2, 3, 4, 5, 6].flatMap((step) => [`${job} s${step} end`, `${job} s${step} start`]),
);

/** Repeats a request until `stop`, which returns the failures. */
function asking(place: Installation, ask: () => Promise<unknown>): { stop(): Promise<readonly string[]> } {
  const over = new AbortController();
  const failures: string[] = [];
  const work = (async () => {
    while (!over.signal.aborted) {
      await ask().catch((error: unknown) => {
        failures.push(error instanceof Refused ? error.message : `no answer: ${String(error)}`);
        if (!place.server.running) over.abort();
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await work;
      return failures;
    },
  };
}

describe.skipIf(!hasPostgres).each([{ embedded: true }, { embedded: false }])(
  "a restart of PostgreSQL under a busy server (embedded runner: $embedded)",
  ({ embedded }) => {
    it("fails requests with `unavailable` for a while; every run finishes, and runs each step once", async () => {
      await using postgres = await OwnPostgres.start();
      await using place = await Installation.start({
        config: {
          database: postgres.url,
          runner: { embedded, ...(embedded ? { labels: ["host"], capacity: 4 } : {}) },
        },
      });
      if (!embedded) await place.startRunner("ann", { capacity: 4 });
      const witnesses = ["first", "second"].map((name) => ({ name, steps: place.witness(name) }));
      const pushes = new Map<string, string>();
      for (const { name, steps } of witnesses)
        pushes.set(name, await place.push(name, { ".github/workflows/ci.yml": workflow(steps.quoted) }));
      const sha = pushes.get("first") ?? "";
      // Restarts begin while the first jobs are on their way to a runner.
      await until("the run", () => place.runOf(sha));
      const askers = [
        asking(place, () => place.runOf(sha)),
        asking(place, () => place.get("/api/v1/now")),
        asking(place, () => place.get(`/api/v1/runs?text=${pushes.get("second")}`)),
      ];
      for (const mode of ["fast", "immediate", "immediate", "fast", "immediate", "fast"] as const) {
        await postgres.stop(mode);
        await expect(place.runOf(sha)).rejects.toMatchObject({
          status: 503,
          message: expect.stringContaining('"code":"unavailable"') as unknown,
        });
        await postgres.startAgain();
        await until("an answer after the restart", async () => {
          expect(place.server.running, place.server.said).toBe(true);
          return place.runOf(sha).catch(() => undefined);
        });
      }
      const failures = (await Promise.all(askers.map((asker) => asker.stop()))).flat();
      console.log(`${failures.length} requests failed while PostgreSQL was away`);
      expect(failures.filter((failure) => !/answered with 503.*"code":"unavailable"/.test(failure))).toEqual([]);
      for (const { name, steps } of witnesses) {
        const run = await place.endOf(pushes.get(name) ?? "");
        expect([...run.jobs, ...run.earlier].map((job) => [job.job, job.status, job.attempt])).toEqual([
          ["one", "success", 1],
          ["two", "success", 1],
          ["after", "success", 1],
        ]);
        expect(run.status).toBe("success");
        expect(steps.lines.toSorted()).toEqual(lines);
      }
      // The server has its lock again.
      const second = place.program(
        "server",
        "--data",
        `${place.folder}/another`,
        "--database",
        postgres.url,
        "--listen",
        "0",
      );
      expect(await second.ended()).not.toBe(0);
      expect(second.said).toContain("Another server is using the database");
    });
  },
);
