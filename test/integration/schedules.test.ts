import { describe, expect, it } from "vitest";
import { databases } from "../../src/store/testbed.ts";
import { Bed } from "./control-bed.ts";

const hour = 3_600_000;

/** A server's controllers whose clock stands where the test puts it. */
class Scene implements AsyncDisposable {
  readonly bed: Bed;
  now: number;
  readonly #drop: () => Promise<void>;

  private constructor(bed: Bed, now: number, drop: () => Promise<void>) {
    this.bed = bed;
    this.now = now;
    this.#drop = drop;
  }

  static async open(make: (typeof databases)[number]["make"], now: string): Promise<Scene> {
    const { url, drop } = await make();
    const clock = { read: (): number => Date.parse(now) };
    const scene = new Scene(await Bed.open({ now: () => clock.read() }, undefined, url), Date.parse(now), drop);
    clock.read = () => scene.now;
    return scene;
  }

  /** Pushes these files to the default branch; `look` false leaves it to whoever is due to notice. */
  async push(files: Readonly<Record<string, string>>, look = true): Promise<void> {
    const { bed } = this;
    bed.files = Object.entries(files).map(([path, text]) => ({ path, text }));
    const event = bed.event();
    await bed.control.accept(event, bed.repository.id, `push ${event.sha}`);
    await bed.control.idle();
    if (look) await bed.control.schedules.check(bed.repository.id);
  }

  /** Puts the clock there and starts what is due by then. */
  async at(time: string): Promise<void> {
    this.now = Date.parse(time);
    await this.bed.control.schedules.tick();
    await this.bed.control.idle();
  }

  /** Stops, and starts again at that time. */
  async restart(time: string): Promise<void> {
    this.now = Date.parse(time);
    await this.bed.restart({ now: () => this.now });
    await this.bed.control.schedules.check(this.bed.repository.id);
    await this.at(time);
  }

  /** Runs of schedules so far, oldest first, each with its files' names. */
  async runs(): Promise<readonly string[]> {
    const all = await this.bed.control.runs({ limit: 100 });
    return all
      .toReversed()
      .map(
        (run) =>
          `${run.event} ${run.workflows.map(({ workflow }) => workflow.replace(/^.*\//, "").replace(".yml", "")).join("+")}`,
      );
  }

  async work(): Promise<void> {
    const runner = await this.bed.runner(`runner ${this.now}`);
    await runner.work();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bed[Symbol.asyncDispose]();
    await this.#drop();
  }
}

function scheduled(...lines: readonly string[]): string {
  return `on:\n  schedule:\n${lines.map((line) => `    - {cron: ${line}}\n`).join("")}jobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo hello}]}}\n`;
}

const path = (name: string): string => `.github/workflows/${name}.yml`;

describe.each(databases)("a schedule, on $name", ({ make }) => {
  const open = (now: string): Promise<Scene> => Scene.open(make, now);

  it("starts all workflows that have its line and zone, in one run, once for each due time", async () => {
    await using scene = await open("2026-06-01T00:00:30Z");
    await scene.push({
      [path("a")]: scheduled("'0 * * * *'"),
      [path("b")]: scheduled("30 * * * *", "'0 * * * *'"),
      [path("c")]: scheduled("'0 * * * *', timezone: Asia/Kolkata"),
    });
    await scene.at("2026-06-01T00:29:59.999Z");
    expect(await scene.runs()).toEqual([]);
    await scene.at("2026-06-01T00:30:00Z");
    await scene.at("2026-06-01T00:30:00Z");
    await scene.at("2026-06-01T00:59:00Z");
    expect((await scene.runs()).toSorted()).toEqual(["schedule b", "schedule c"]);
    await scene.work();
    await scene.at("2026-06-01T01:00:00.001Z");
    await scene.at("2026-06-01T01:00:59Z");
    expect((await scene.runs())[2]).toBe("schedule a+b");
    const [run] = await scene.bed.control.runs({ limit: 1 });
    const sha = (await scene.bed.store.runs.byId(run?.id ?? ""))?.event.sha;
    expect(run).toMatchObject({ ref: "refs/heads/main", sha });
  });

  it("is not due for the time before it was known", async () => {
    await using scene = await open("2026-06-01T12:00:00Z");
    await scene.push({ [path("a")]: scheduled("0 3 * * *") });
    await scene.at("2026-06-01T12:01:00Z");
    await scene.restart("2026-06-02T02:59:59Z");
    expect(await scene.runs()).toEqual([]);
    await scene.at("2026-06-02T03:00:00Z");
    expect(await scene.runs()).toEqual(["schedule a"]);
  });

  it("that was missed is made up for once, and not at all after a day", async () => {
    await using scene = await open("2026-06-01T00:00:00Z");
    await scene.push({ [path("a")]: scheduled("0 */4 * * *"), [path("b")]: scheduled("0 1 2 6 *") });
    await scene.restart("2026-06-01T23:30:00Z");
    expect(await scene.runs()).toEqual(["schedule a"]);
    expect(
      (await scene.bed.control.schedules.list()).schedules.map(({ lastDueAt, nextAt }) => [lastDueAt, nextAt]),
    ).toEqual([
      ["2026-06-01T20:00:00.000Z", "2026-06-02T00:00:00.000Z"],
      [undefined, "2026-06-02T01:00:00.000Z"],
    ]);
    await scene.work();
    await scene.restart("2026-06-01T23:31:00Z");
    expect(await scene.runs()).toEqual(["schedule a"]);
    // 25 hours after the one, and half an hour after the other.
    await scene.restart("2026-06-03T02:00:01Z");
    expect(await scene.runs()).toEqual(["schedule a", "schedule a"]);
    await scene.at("2026-06-03T03:00:00Z");
    expect(await scene.runs()).toHaveLength(2);
  });

  it("is due once although the clock is put back, forward, or was wrong by years", async () => {
    await using scene = await open("2026-06-01T00:00:00Z");
    await scene.push({ [path("a")]: scheduled("'0 * * * *'") });
    await scene.at("2026-06-01T01:00:01Z");
    await scene.work();
    await scene.at("2026-06-01T00:59:50Z");
    await scene.at("2026-06-01T01:00:02Z");
    expect(await scene.runs()).toHaveLength(1);
    // Forward over two due times: the latest counts.
    await scene.at("2026-06-01T03:10:00Z");
    await scene.work();
    expect(await scene.runs()).toHaveLength(2);
    await scene.at("2031-01-01T00:00:00Z");
    await scene.work();
    expect(await scene.runs()).toHaveLength(3);
    await scene.restart("2026-06-01T04:00:00Z");
    await scene.at("2026-06-01T05:00:00Z");
    expect(await scene.runs()).toHaveLength(4);
  });

  it("is skipped, and says so, while its previous run has not begun; a running one does not matter", async () => {
    await using scene = await open("2026-06-01T00:00:30Z");
    await scene.push({ [path("a")]: scheduled("'* * * * *'") });
    await scene.at("2026-06-01T00:01:00Z");
    await scene.at("2026-06-01T00:02:00Z");
    await scene.at("2026-06-01T00:03:00Z");
    expect(await scene.runs()).toHaveLength(1);
    expect((await scene.bed.control.schedules.list()).schedules[0]).toMatchObject({
      note: "run 1 had not begun, so 2026-06-01T00:03:00.000Z was skipped",
      lastRun: { number: 1, status: "pending" },
    });
    const runner = await scene.bed.runner();
    const taken = await runner.take();
    await runner.report(taken.lease, { type: "step.started", step: 0, name: "x", at: scene.now });
    await scene.bed.control.idle();
    await scene.at("2026-06-01T00:04:00Z");
    expect(await scene.runs()).toHaveLength(2);
    expect((await scene.bed.control.schedules.list()).schedules[0]?.note).toBeUndefined();
  });

  it("goes with its line, its branch or its repository, also where nobody was told", async () => {
    await using scene = await open("2026-06-01T00:00:30Z");
    const { bed } = scene;
    await scene.push({ [path("a")]: scheduled("'0 * * * *'"), [path("b")]: scheduled("5 * * * *") });
    await scene.push({ [path("b")]: scheduled("5 * * * *") }, false);
    await scene.at("2026-06-01T01:00:00Z");
    expect(await scene.runs()).toEqual([]);
    await scene.at("2026-06-01T01:05:00Z");
    expect(await scene.runs()).toEqual(["schedule b"]);
    await bed.store.repositories.setTips(bed.repository.id, new Map([["refs/heads/main", null]]));
    await scene.at("2026-06-01T02:05:00Z");
    expect(await bed.control.schedules.list()).toEqual({ schedules: [], problems: [] });
    await scene.push({ [path("b")]: scheduled("5 * * * *") });
    expect((await bed.control.schedules.list()).schedules).toHaveLength(1);
    await scene.work();
    await bed.store.repositories.remove(bed.repository.id);
    await scene.at("2026-06-01T03:05:00Z");
    expect(await bed.control.schedules.list()).toEqual({ schedules: [], problems: [] });
    expect(await scene.runs()).toEqual([]);
  });

  it("is started by one of two servers on one database", async () => {
    await using scene = await open("2026-06-01T00:00:30Z");
    await scene.push({ [path("a")]: scheduled("'0 * * * *'") });
    await using other = await Bed.open({ now: () => scene.now }, undefined, scene.bed.database);
    other.files = scene.bed.files;
    await other.control.schedules.check(scene.bed.repository.id);
    for (const time of ["2026-06-01T01:00:00Z", "2026-06-01T02:00:00Z"]) {
      scene.now = Date.parse(time);
      await Promise.all([scene.bed, other].map((each) => each.control.schedules.tick()));
      await Promise.all([scene.bed, other].map((each) => each.control.idle()));
      await scene.work();
    }
    expect(await scene.runs()).toEqual(["schedule a", "schedule a"]);
  });

  it("can be started by hand, by whoever may", async () => {
    await using scene = await open("2026-06-01T00:00:30Z");
    const { schedules } = scene.bed.control;
    await scene.push({ [path("a")]: scheduled("'0 0 1 1 *'"), [path("b")]: scheduled("5 * * * *") });
    const [first] = (await schedules.list()).schedules;
    await schedules.run(first?.id ?? "", "grace");
    await schedules.run(first?.id ?? "", "grace");
    await scene.bed.control.idle();
    expect(await scene.runs()).toEqual(["schedule a", "schedule a"]);
    expect((await scene.bed.control.runs({ limit: 1 }))[0]?.sender).toBe("grace");
    expect((await schedules.list(scene.bed.repository.id)).schedules[0]?.lastRun?.number).toBe(2);
    await expect(schedules.run("nothing", "grace")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("schedules that cannot be", () => {
  const [sqlite] = databases;
  if (sqlite === undefined) throw new Error("SQLite is always there");

  it("are shown with the place, and the others go on", async () => {
    await using scene = await Scene.open(sqlite.make, "2026-06-01T00:00:30Z");
    await scene.push({
      [path("a")]: scheduled("'0 * * * *'"),
      [path("never")]: scheduled("0 0 31 2 *"),
      [path("broken")]: "on: {schedule: [{cron: [}]}\n",
      ".sluice/n.yml": "triggers: [{type: schedule, cron: '@daily', timezone: Mars/Base}]\nsteps: [{type: checkout}]\n",
    });
    const { schedules, problems } = await scene.bed.control.schedules.list();
    expect(schedules.map(({ cron }) => cron)).toEqual(["0 * * * *"]);
    expect(
      problems.map(({ repository, file, line, column, code }) => `${repository} ${file}:${line}:${column} ${code}`),
    ).toEqual([
      "demo .github/workflows/never.yml:3:18 workflow-schedule",
      "demo .github/workflows/broken.yml:1:25 yaml-syntax",
      "demo .sluice/n.yml:1:55 workflow-schedule",
    ]);
    await scene.at("2026-06-01T01:00:00Z");
    expect((await scene.runs()).filter((run) => run.startsWith("schedule"))).toEqual(["schedule a"]);
  });

  it("are a hundred in a repository, and no more", async () => {
    await using scene = await Scene.open(sqlite.make, "2026-06-01T00:00:30Z");
    const lines = Array.from(
      { length: 5000 },
      (_, index) => `${index % 60} ${Math.floor(index / 60) % 24} ${1 + Math.floor(index / 1440)} * *`,
    );
    await scene.push({ [path("many")]: scheduled(...lines), [path("one")]: scheduled("'* * * * *'") });
    const { schedules, problems } = await scene.bed.control.schedules.list();
    expect(schedules).toHaveLength(100);
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "103 The repository has 5001 schedules, and the limit is 100: this one and those after it never run.",
    ]);
  });

  it("leave a failed run where a file that has the line cannot be compiled for the event", async () => {
    await using scene = await Scene.open(sqlite.make, "2026-06-01T00:00:30Z");
    await scene.push({
      ".woodpecker/w.yml":
        "when: { event: cron, cron: '0 * * * *' }\nsteps:\n  a: { image: sh, commands: 'echo ${CI_COMMIT_BRANCH/}' }\n",
    });
    const { schedules, problems } = await scene.bed.control.schedules.list();
    await scene.at("2026-06-01T01:00:00Z");
    // Where lint sees it, it is told before; where it does not, the run is.
    expect(schedules.length + problems.length).toBeGreaterThan(0);
    expect(schedules.length === 0 || (await scene.runs()).length === 1).toBe(true);
  });

  it("are read again later where the commit could not be read", async () => {
    await using scene = await Scene.open(sqlite.make, "2026-06-01T00:00:30Z");
    let broken = true;
    await scene.bed.restart({
      now: () => scene.now,
      files: async () => (broken ? Promise.reject(new Error("the disk hums")) : scene.bed.files),
      logger: { info() {}, warn() {}, error() {} },
    });
    await scene.push({ [path("a")]: scheduled("'0 * * * *'") });
    expect((await scene.bed.control.schedules.list()).problems[0]?.message).toContain("the disk hums");
    broken = false;
    await scene.at("2026-06-01T00:06:00Z");
    expect((await scene.bed.control.schedules.list()).schedules).toHaveLength(1);
    await scene.at(new Date(scene.now + hour).toISOString());
    expect(await scene.runs()).toEqual(["schedule a"]);
  });
});
