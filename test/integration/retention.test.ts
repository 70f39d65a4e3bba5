import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBlobs } from "../../src/store/index.ts";
import { databases } from "../../src/store/testbed.ts";
import { leftMessages } from "../../src/transition/index.ts";
import { Bed, type ScriptedRunner } from "./control-bed.ts";

const hour = 3_600_000;
const day = 24 * hour;
const retention = { age: 10 * day, floor: 2 };
const one = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";

async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("content");
}

/** Controllers whose clock is a millisecond further each time it is read, and where the test puts it. */
class Scene implements AsyncDisposable {
  readonly bed: Bed;
  readonly #clock: { now: number };
  readonly #runner: ScriptedRunner;
  readonly #drop: () => Promise<void>;

  private constructor(bed: Bed, clock: { now: number }, runner: ScriptedRunner, drop: () => Promise<void>) {
    this.bed = bed;
    this.#clock = clock;
    this.#runner = runner;
    this.#drop = drop;
  }

  static async open(make: (typeof databases)[number]["make"], count = 100): Promise<Scene> {
    const { url, drop } = await make();
    const clock = { now: Date.now() };
    const bed = await Bed.open(
      { now: () => (clock.now += 1), limits: { retention: { ...retention, count } } },
      undefined,
      url,
    );
    return new Scene(bed, clock, await bed.runner(), drop);
  }

  later(ms: number): void {
    this.#clock.now += ms;
  }

  /** Ends a run that has a log and an artifact; answers with its id. */
  async run(branch: string): Promise<string> {
    const id = await this.bed.push(one, { ref: `refs/heads/${branch}` });
    const assignment = await this.#runner.take();
    await this.#runner.channel.uploadArtifact(assignment.lease, "dist", content(), {
      overwrite: false,
      retentionDays: 90,
    });
    await this.#runner.finish(assignment);
    await this.bed.control.idle();
    return id;
  }

  async tidy(): Promise<void> {
    await this.bed.control.tidy();
    await this.bed.control.idle();
  }

  /** Numbers of the runs that there are, oldest first. */
  async numbers(): Promise<readonly number[]> {
    return (await this.bed.control.runs({ limit: 100 })).map(({ number }) => number).toReversed();
  }

  /** How many jobs have logs, and how many blobs there are. */
  async files(): Promise<{ readonly logs: number; readonly blobs: number }> {
    const all = (folder: string) => readdir(join(this.bed.folder, folder), { recursive: true, withFileTypes: true });
    const jobs = new Set((await all("logs")).filter((each) => each.isFile()).map(({ parentPath }) => parentPath));
    return { logs: jobs.size, blobs: (await all("blobs")).filter((each) => each.isFile()).length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bed[Symbol.asyncDispose]();
    await this.#drop();
  }
}

describe.each(databases)("runs, on $name", ({ make }) => {
  it("go by age with all that is theirs, but not the newest, the default branch's newest, and open ones", async () => {
    await using scene = await Scene.open(make);
    const { bed } = scene;
    const open = await bed.push(one.replace("ubuntu-latest", "nobody-has-this"));
    const first = await scene.run("main");
    const [job] = (await bed.control.run(first)).jobs;
    await scene.run("main");
    for (const branch of ["topic", "Main", "topic"]) await scene.run(branch);
    scene.later(retention.age - hour);
    await scene.tidy();
    expect(await scene.numbers()).toEqual([1, 2, 3, 4, 5, 6]);
    scene.later(2 * hour);
    await scene.tidy();
    expect(await scene.numbers()).toEqual([1, 3, 5, 6]);
    expect(await scene.files()).toEqual({ logs: 3, blobs: 3 });
    expect((await bed.control.run(open)).status).toBe("pending");
    await expect(bed.control.run(first)).rejects.toMatchObject({ code: "not-found" });
    await expect(bed.control.job(job?.id ?? "")).rejects.toMatchObject({ code: "not-found" });
    await expect(bed.control.rerun(first, "all", "ann")).rejects.toMatchObject({ code: "not-found" });
    expect(await scene.run("topic")).not.toBe("");
    expect((await scene.numbers()).at(-1)).toBe(7);
  });

  it("go when there are more than are kept, the oldest first, as soon as another ends, but not within a day", async () => {
    await using scene = await Scene.open(make, 4);
    for (let number = 1; number <= 6; number += 1) await scene.run("topic");
    await scene.tidy();
    expect(await scene.numbers()).toEqual([1, 2, 3, 4, 5, 6]);
    scene.later(day + hour);
    await scene.run("topic");
    expect(await scene.numbers()).toEqual([4, 5, 6, 7]);
    expect(await scene.files()).toEqual({ logs: 4, blobs: 4 });
  });

  it("take their files with them also when the server is killed right after their rows are gone", async () => {
    await using scene = await Scene.open(make);
    const { store, repository } = scene.bed;
    for (let number = 1; number <= 3; number += 1) await scene.run("topic");
    const rule = { endedBefore: Date.now() + day, count: 9, endedBeforeIfMore: 0, floor: 1 };
    const removed = await store.retention.removeRuns(repository.id, rule, 9, (left) => ({
      messages: leftMessages(left),
    }));
    expect([removed, await scene.files()]).toEqual([2, { logs: 3, blobs: 3 }]);
    await scene.bed.abandon();
    await scene.bed.control.idle();
    expect(await scene.files()).toEqual({ logs: 1, blobs: 1 });
  });

  it("take their files with them when their repository is removed", async () => {
    await using scene = await Scene.open(make);
    const { store, repository, control } = scene.bed;
    await scene.run("main");
    await store.repositories.remove(repository.id, (left) => ({ messages: leftMessages(left) }));
    control.repositoryChanged(repository.id);
    await control.idle();
    expect(await scene.files()).toEqual({ logs: 0, blobs: 0 });
  });

  it("do not start again when the event of a removed one is reported again within 30 days", async () => {
    await using scene = await Scene.open(make);
    const { bed } = scene;
    const { id: repository } = bed.repository;
    const ignored = await bed.control.accept(bed.event({ kind: "release" }), repository, "ignored");
    const scheduled = await bed.control.accept(bed.event({ kind: "release" }), repository, "scheduled");
    const line = { repositoryId: repository, cron: "0 3 * * *", timeZone: "UTC" };
    await bed.store.schedules.replace(repository, [line], 0);
    await bed.store.schedules.note(line, { event: scheduled.id });
    bed.files = [{ path: ".github/workflows/ci.yml", text: one }];
    const event = bed.event({ ref: "refs/heads/topic" });
    await bed.control.accept(event, repository, "once");
    await bed.control.idle();
    await (await bed.runner("other")).work();
    for (let number = 2; number <= 3; number += 1) await scene.run("topic");
    scene.later(30 * day - hour);
    await scene.tidy();
    expect(await scene.numbers()).toEqual([2, 3]);
    expect(await bed.control.accept(event, repository, "once")).toMatchObject({ fresh: false });
    await bed.control.idle();
    expect(await scene.numbers()).toEqual([2, 3]);
    expect(await bed.store.events.byId(ignored.id)).toBeDefined();
    scene.later(day);
    await scene.tidy();
    expect(await bed.store.events.byId(ignored.id)).toBeUndefined();
    expect(await bed.store.events.byId(scheduled.id)).toBeDefined();
    expect(await scene.numbers()).toEqual([2, 3]);
  });
});

describe("files that no row refers to", () => {
  it("are removed after a day: a blob whose row a crash prevented, and logs of no job; all others stay", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-sweep-"));
    const real = openBlobs(join(folder, "blobs"));
    const written = Promise.withResolvers<void>();
    // The server is killed when the bytes are there and the row is not.
    const blobs = {
      ...real,
      put: async (...of: Parameters<typeof real.put>) => {
        await real.put(...of);
        written.resolve();
        return new Promise<never>(() => {});
      },
    };
    let now = Date.now();
    const clock = () => now;
    await using bed = await Bed.open({ blobs, now: clock }, folder);
    await bed.push(one);
    const runner = await bed.runner();
    const assignment = await runner.take();
    void runner.channel.uploadArtifact(assignment.lease, "lost", content(), { overwrite: false });
    await written.promise;
    now += 2 * day;
    // It still waits for its row, however long that takes.
    await bed.control.tidy();
    const files = async () =>
      (await readdir(join(folder, "blobs"), { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
    expect(await files()).toHaveLength(1);
    now -= 2 * day;
    await bed.abandon({ now: clock });
    await runner.channel.uploadArtifact(assignment.lease, "kept", content(), { overwrite: false });
    await runner.channel.saveCache(assignment.lease, "kept", "v", content());
    await runner.finish(assignment);
    await bed.control.idle();
    await bed.logs.append("NOBODY", 0, 0, Buffer.from("output"), now);
    await bed.control.tidy();
    expect([(await files()).length, await bed.logs.steps("NOBODY")]).toEqual([3, [0]]);
    now += 2 * day;
    await bed.control.tidy();
    expect([(await files()).length, await bed.logs.steps("NOBODY")]).toEqual([2, []]);
    expect(await bed.logs.steps(assignment.lease.job)).toEqual([0]);
  });
});
