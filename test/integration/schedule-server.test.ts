import { describe, expect, it } from "vitest";
import { openAdministration } from "../../src/cli/admin.ts";
import { describeSchedules } from "../../src/cli/schedule/commands.ts";
import { schedulesSchema, type RunDetail } from "../../src/model/index.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

const actions = `name: nightly
on:
  schedule:
    - cron: '* * * * *'
      timezone: Europe/Berlin
jobs:
  tell:
    runs-on: ubuntu-latest
    steps:
      - run: node -e 'console.log(JSON.parse(require("fs").readFileSync(process.env.GITHUB_EVENT_PATH)).schedule, process.env.GITHUB_EVENT_NAME, process.env.GITHUB_REF, process.env.GITHUB_ACTOR)'
      - run: echo 'as an expression \${{ github.event.schedule }}'
`.replaceAll("\\${{", "${{");
const woodpecker =
  "when: { event: cron, cron: '* * * * *' }\nskip_clone: true\nsteps:\n  tell: { image: sh, commands: 'echo $CI_PIPELINE_EVENT $CI_COMMIT_BRANCH' }\n";

/** A clock that stands two seconds before a minute, however slow the machine is, until it is let go. */
class Clock {
  readonly #stands = Date.parse("2030-05-05T11:59:58Z");
  #since: number | undefined;

  readonly read = (): number =>
    this.#stands + (this.#since === undefined ? 0 : Math.floor(performance.now() - this.#since));

  letGo(): void {
    this.#since = performance.now();
  }
}

describe("a server", () => {
  it("starts what a pushed commit schedules when it is due, shows when that is, and starts it by hand", async () => {
    await using place = await Place.create();
    const clock = new Clock();
    const server = await place.start({}, { now: clock.read });
    const token = server.firstToken ?? "";
    const api = client(server.url, token);
    const schedules = async () => schedulesSchema.parse(await (await api.get("/api/v1/schedules")).json());
    const tree = await place.tree("app", {
      ".github/workflows/nightly.yml": actions,
      ".woodpecker.yml": woodpecker,
      ".github/workflows/bad.yml": actions.replace("* * * * *", "0 0 31 2 *"),
    });
    await place.git(tree, "push", "--quiet", remote(server, "app", token), "main");

    const known = await eventually(async () => ((await schedules()).schedules.length === 2 ? schedules() : undefined));
    expect(
      known.schedules.map(
        ({ repository, branch, timeZone, workflows }) => `${repository} ${branch} ${timeZone} ${workflows[0]?.file}`,
      ),
    ).toEqual(["app main Europe/Berlin .github/workflows/nightly.yml", "app main UTC .woodpecker.yml"]);
    expect(known.problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      ".github/workflows/bad.yml:4:18",
    ]);
    expect(known.schedules.map(({ nextAt }) => nextAt)).toEqual([
      "2030-05-05T12:00:00.000Z",
      "2030-05-05T12:00:00.000Z",
    ]);
    const administration = await openAdministration({ server: server.url, token });
    const told = describeSchedules(await administration.schedules()).split("\n");
    expect(told[1]).toMatch(
      /^2030-05-05T12:00:00.000Z  \* \* \* \* \*  Europe\/Berlin  app +\.github\/workflows\/nightly\.yml +–$/,
    );
    expect(told[3]).toContain("app: .github/workflows/bad.yml:4:18: The cron line never occurs");
    clock.letGo();

    const fired = await eventually(async () => {
      const { runs } = (await (await api.get("/api/v1/runs")).json()) as {
        runs: { id: string; event: string; status: string }[];
      };
      const ended = runs.filter((run) => run.event === "schedule" && run.status === "success");
      return ended.length < 2
        ? undefined
        : Promise.all(ended.map(async ({ id }) => (await (await api.get(`/api/v1/runs/${id}`)).json()) as RunDetail));
    });
    const texts = await Promise.all(
      fired.flatMap(({ jobs }) =>
        jobs.flatMap(({ id, steps }) =>
          steps.map(async ({ index }) =>
            (await (await api.get(`/api/v1/jobs/${id}/steps/${index}/log/raw`)).text()).trim(),
          ),
        ),
      ),
    );
    expect(texts.join("\n")).toContain("* * * * * schedule refs/heads/main Ada");
    expect(texts.join("\n")).toContain("as an expression * * * * *");
    expect(texts.join("\n")).toContain("cron main");
    expect(
      (await schedules()).schedules.every(({ lastDueAt, lastRun }) => lastDueAt !== undefined && lastRun !== undefined),
    ).toBe(true);

    const [first] = known.schedules;
    expect((await api.send("POST", `/api/v1/schedules/${first?.id}/run`)).status).toBe(202);
    await eventually(async () => ((await schedules()).schedules[0]?.lastRun?.status === "success" ? true : undefined));
    expect((await api.send("POST", "/api/v1/schedules/nothing/run")).status).toBe(404);

    const sha = await place.commit(tree, "no more", {
      ".github/workflows/nightly.yml": "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n",
      ".woodpecker.yml": "when: { event: tag }\nsteps: { a: { image: sh, commands: x } }\n",
    });
    await place.git(tree, "push", "--quiet", remote(server, "app", token), "main");
    await endedRun(server, token, sha);
    await eventually(async () => ((await schedules()).schedules.length === 0 ? true : undefined));
  });

  it("that does not run has nothing that is due, and says so", async () => {
    await using place = await Place.create();
    const server = await place.start();
    await server.close();
    const administration = await openAdministration({ data: `${place.folder}/data` });
    await expect(administration.schedules()).rejects.toMatchObject({ code: "unavailable" });
    await administration.close();
    expect(describeSchedules({ schedules: [], problems: [] })).toContain("No schedules");
  });
});
