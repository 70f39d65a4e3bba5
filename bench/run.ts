import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Event } from "../src/model/index.ts";
import { openStore, type RunChange, type Store } from "../src/store/index.ts";
import { type Figure, inScratch, quantile } from "./measure.ts";
import { BenchServer } from "./started.ts";

const rounds = 60;
const shapes = [
  { jobs: 200, steps: 10 },
  { jobs: 2, steps: 1000 },
];
const sha = "0123456789abcdef0123456789abcdef01234567";
const start = Date.parse("2026-01-01T00:00:00Z");

/** How long a large run takes to be answered, beside a plain server of Node that has the same bytes ready. */
export async function* runFigures(): AsyncIterable<Figure> {
  yield* await inScratch(measure);
}

async function measure(folder: string): Promise<readonly Figure[]> {
  const runs = await storedRuns(folder);
  await using server = await BenchServer.start(folder, "{ capacity: 1 }");
  const figures: Figure[] = [];
  for (const [index, { jobs, steps }] of shapes.entries()) {
    const address = `${server.url}/api/v1/runs/${runs[index] ?? ""}`;
    const { ours, plain, bytes } = await beside(address, server.token);
    const name = `a run of ${jobs} jobs with ${steps} steps each, ${Math.round(bytes / 1024)} KiB`;
    figures.push(
      { name, value: quantile(ours, 0.5), unit: "ms", promise: 30 },
      {
        name: "the same, beside its bytes",
        value: quantile(ours, 0.5),
        unit: "ms",
        limit: { name: "node:http", value: quantile(plain, 0.5) },
      },
    );
  }
  return figures;
}

/** Milliseconds for each of the same number of requests to both, in turn. */
async function beside(
  address: string,
  token: string,
): Promise<{ readonly ours: readonly number[]; readonly plain: readonly number[]; readonly bytes: number }> {
  const body = await get(address, token);
  const server = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const plainAddress = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ours: number[] = [];
  const plain: number[] = [];
  // The first requests find code that V8 has not optimized.
  for (let round = -10; round < rounds; round += 1) {
    const times = [await timed(address, token), await timed(plainAddress, token)] as const;
    if (round < 0) continue;
    ours.push(times[0]);
    plain.push(times[1]);
  }
  server.close();
  return { ours, plain, bytes: body.length };
}

async function timed(address: string, token: string): Promise<number> {
  const began = performance.now();
  await get(address, token);
  return performance.now() - began;
}

async function get(address: string, token: string): Promise<Buffer> {
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`GET ${address}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Ended runs in the database of a server that is yet to start. */
async function storedRuns(folder: string): Promise<readonly string[]> {
  const store = await openStore({ database: `sqlite:${join(folder, "data", "sluice.db")}`, now: () => start });
  try {
    const repository = await store.repositories.add({
      forge: "git",
      remoteId: "large",
      name: "large",
      defaultBranch: "main",
      createdAt: start,
    });
    const ids: string[] = [];
    for (const [index, shape] of shapes.entries()) ids.push(await storedRun(store, repository.id, index + 1, shape));
    return ids;
  } finally {
    await store.close();
  }
}

async function storedRun(
  store: Store,
  repositoryId: string,
  number: number,
  shape: (typeof shapes)[number],
): Promise<string> {
  const event: Event = {
    kind: "push",
    repository: { name: "large", defaultBranch: "main", cloneUrl: "/srv/large.git" },
    ref: "refs/heads/main",
    sha,
    commit: { message: "A large run", author: { login: "ada" }, timestamp: new Date(start).toISOString() },
    sender: { login: "ada" },
    payload: {},
  };
  const accepted = await store.events.accept({ repositoryId, event, receivedAt: start }, `${number}`);
  const { id } = await store.runs.create({
    id: `run-${number}`,
    number,
    eventId: accepted.id,
    repositoryId,
    event,
    title: "A large run",
    plans: [],
    diagnostics: [],
    createdAt: start,
    change: rowsOf(number, shape),
  });
  return id;
}

function rowsOf(number: number, { jobs, steps }: (typeof shapes)[number]): Omit<RunChange, "runId" | "expect"> {
  const jobIds = Array.from({ length: jobs }, (_, index) => `${number}-${index}`);
  const times = { startedAt: start, finishedAt: start + 60_000 };
  return {
    state: "{}",
    run: { status: "success", attempt: 1, workflows: [], ...times },
    jobs: jobIds.map((id, position) => ({
      id,
      runId: `run-${number}`,
      key: `test (${position})`,
      job: "test",
      workflow: "ci.yml",
      name: `test (${position})`,
      status: "success",
      attempt: 1,
      position,
      newest: true,
      needs: ["build"],
      labels: ["ubuntu-latest"],
      outputs: { version: "1.2.3" },
      // Contexts of a job, as long as those of a pushed commit.
      detail: { contexts: { github: { event: "x".repeat(4000) } }, timeoutMinutes: 360 },
      planned: Array.from({ length: steps }, (_, index) => ({ id: `${index}`, name: stepName(index) })),
      queuedAt: start,
      ...times,
    })),
    steps: jobIds.flatMap((jobId) =>
      Array.from({ length: steps }, (_, index) => ({
        jobId,
        index,
        id: `${index}`,
        name: stepName(index),
        status: "success" as const,
        allowed: false,
        exitCode: 0,
        startedAt: start + index * 37,
        finishedAt: start + index * 37 + 30,
        log: { lines: 120, bytes: 4800 },
      })),
    ),
    annotations: [],
    summaries: [],
  };
}

function stepName(index: number): string {
  return `Run ./scripts/check.sh --part=${index}`;
}
