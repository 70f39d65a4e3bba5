import { describe, expect, it } from "vitest";
import type { Json, Run } from "../../src/model/index.ts";
import { databases } from "../../src/store/testbed.ts";
import { changeDatabase } from "../support/data-folder.ts";
import { RestoredServer, nameOf, terminal } from "./restored-server.ts";
import { Place, client, endedRun, eventually, remote } from "./running-server.ts";

const run = (repository: string, number: number): string =>
  `(select run.id from run join repository on repository.id = run.repository_id
    where repository.name = '${repository}' and number = ${number})`;
const cut = (column: string): string => `${column} = substr(${column}, 1, length(${column}) - 9)`;

/** One piece of JSON after the other is damaged. */
const damage = [
  `update event set ${cut("body")} where id = (select event_id from run where id = ${run("shop", 1)})`,
  `update run_plan set plans = '{"v":99,"value":[]}' where run_id = ${run("shop", 2)}`,
  `update annotation set body = '{"level":"loud","message":"x"}' where run_id = ${run("shop", 3)}`,
  `update run set workflows = 'null' where id = ${run("weavers/loom", 1)}`,
  `update run set diagnostics = '[{}]' where id = ${run("broken", 1)}`,
  `update run_state_part set ${cut("value")} where run_id = ${run("shop", 10)}`,
  `update run_state set state = '' where run_id = ${run("shop", 8)}`,
  `update job set labels = '["gpu"', detail = '7' where run_id = ${run("shop", 9)}`,
  `update concurrency_group set ${cut("state")} where name = 'bench'`,
  `update event set body = '{}' where done = 0`,
  `update outbox set body = '{'`,
  `update runner set labels = '"host"' where name = 'embedded'`,
  `update audit set detail = 'x' where action = 'token.create'`,
];

describe.each(databases)("a database with damaged JSON, on $name", ({ make }) => {
  it("starts, lists everything, and holds up nothing but what is damaged", async () => {
    await using place = await Place.create();
    const database = await make();
    await using ending = new AsyncDisposableStack();
    ending.defer(database.drop);
    const restored = await RestoredServer.start(place, database.url, "0.1.0", (url) =>
      changeDatabase(url, damage.map((each) => `${each};`).join("\n")),
    );
    ending.defer(() => restored.server.close());

    // The group moves on: its holder is fine, and so is the first that waits.
    await finishDeployments(restored);
    await listsEverything(restored);
    await refusesWhatIsDamaged(restored);
    await startsNewRuns(restored, place);
    expect(place.logged.filter((line) => line.includes('"stored-invalid"'))).not.toEqual([]);
  });
});

async function finishDeployments(restored: RestoredServer): Promise<void> {
  const [ship] = (await restored.run("shop#6")).jobs;
  await restored.ann.report({ job: ship?.id ?? "", fence: 1 }, 3, [
    { type: "job.finished", status: "success", outputs: {}, at: 1 },
  ]);
  expect((await restored.once("shop#6", terminal)).status).toBe("success");
  expect(await restored.work(["ann", "gpu"])).toBe("ship");
  expect((await restored.once("shop#7", terminal)).status).toBe("success");
}

async function listsEverything(restored: RestoredServer): Promise<void> {
  const runs = await restored.runs();
  const damaged = runs.filter(({ problem }) => problem !== undefined);
  expect(damaged.map(nameOf).toSorted()).toEqual(["broken#1", "shop#1", "weavers/loom#1"]);
  expect(damaged.map(({ title, status, problem }) => [title, status, problem?.code])).toContainEqual([
    "a commit",
    "success",
    "stored-invalid",
  ]);
  expect(runs.length).toBeGreaterThanOrEqual(14);
  const { waiting } = await restored.get<{ waiting: Run[] }>("/now");
  expect(waiting.map(nameOf)).toEqual(expect.arrayContaining(["shop#8", "shop#9"]));
  await restored.get<Json>("/repositories");
  await restored.get<Json>("/runners");
  await restored.get<Json>("/schedules");
  expect((await client(restored.server.url, restored.tokens.admin).get("/metrics")).status).toBe(200);
}

async function refusesWhatIsDamaged(restored: RestoredServer): Promise<void> {
  const ids = new Map((await restored.runs()).map((each) => [nameOf(each), each.id]));
  for (const name of ["shop#1", "shop#3", "shop#9", "weavers/loom#1", "broken#1"])
    expect([name, await restored.problem("GET", `/runs/${ids.get(name)}`)]).toEqual([name, "stored-invalid"]);
  expect(await restored.problem("POST", `/runs/${ids.get("shop#2")}/rerun`, { mode: "all" })).toBe("stored-newer");
  for (const name of ["shop#8", "shop#10"])
    expect(await restored.problem("POST", `/runs/${ids.get(name)}/cancel`)).toBe("stored-invalid");
}

async function startsNewRuns(restored: RestoredServer, place: Place): Promise<void> {
  const { server, tokens } = restored;
  const tree = await place.tree("tree", { ".github/workflows/new.yml": newWorkflow });
  await place.git(tree, "push", "--quiet", "--force", remote(server, "shop", tokens.admin), "main");
  expect((await endedRun(server, tokens.viewer, await place.git(tree, "rev-parse", "HEAD"))).status).toBe("success");
  const scheduled = await eventually(async () =>
    (await restored.runs()).find((each) => each.event === "schedule" && each.number > 10 && terminal(each)),
  );
  expect(scheduled.status).toBe("success");
  // A new run of the repository whose event was damaged, and of the group's workflow.
  await restored.post("/repositories/mill/dispatch", { ref: "main", inputs: {} });
  await eventually(async () => (await restored.runs()).find((each) => nameOf(each) === "mill#2" && terminal(each)));
}

const newWorkflow = "on: push\njobs: { new: { runs-on: host, steps: [{ run: echo new }] } }\n";
