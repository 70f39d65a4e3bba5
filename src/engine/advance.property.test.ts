import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { isTerminal, type JobPlan, type JobResult, type Plan } from "../model/index.ts";
import { advance, createRun } from "./advance.ts";
import { enterGroup, type GroupState, leaveGroup } from "./group.ts";
import { holderTarget } from "./holder.ts";
import { plannedKey, indexPlans } from "./plans.ts";
import type { EngineInput, JobState, RunState, Transition } from "./port.ts";
import { expr, job, plan } from "./scenario.fixture.ts";
import { groupStateSchema, jobStateSchema, runHeadSchema } from "./state-schema.ts";

// Workflows and jobs use groups of different names: two workflows whose jobs want each other's groups wait for ever, and rightly.
const concurrency = (...names: readonly string[]) =>
  fc.option(
    fc.record({
      group: fc.constantFrom(...names),
      cancelInProgress: fc.boolean(),
      limit: fc.integer({ min: 1, max: 2 }),
    }),
    { nil: undefined, freq: 4 },
  );
const condition = fc.option(
  fc.constantFrom(
    "always()",
    "failure()",
    "!cancelled()",
    "success() || failure()",
    "cancelled()",
    "github.ref == 'x'",
    "true",
    "fromJSON('{')",
  ),
  { nil: undefined, freq: 3 },
);
const strategy = fc.option(
  fc.record({
    matrix: fc.oneof(
      fc.integer({ min: 1, max: 4 }).map((size) => ({ v: Array.from({ length: size }, (_, index) => index) })),
      fc.constant(expr("fromJSON('{\"v\":[1,2]}')")),
    ),
    failFast: fc.boolean(),
    maxParallel: fc.integer({ min: 1, max: 3 }),
  }),
  { nil: undefined, freq: 2 },
);

const jobShape = fc.record({
  strategy,
  condition,
  concurrency: concurrency("j1", "j2"),
  allowed: fc.boolean(),
  retryLost: fc.integer({ min: 0, max: 2 }),
  needs: fc.array(fc.nat(5), { maxLength: 3 }),
});
type JobShape = typeof jobShape extends fc.Arbitrary<infer T> ? T : never;

function toJob(shape: JobShape, index: number): JobPlan {
  const needs = [...new Set(shape.needs.filter((need) => need < index).map((need) => `j${need}`))];
  return job(`j${index}`, {
    needs,
    retryLost: shape.retryLost,
    continueOnError: shape.allowed && index % 2 === 0,
    ...(shape.strategy === undefined ? {} : { strategy: shape.strategy }),
    ...(shape.condition === undefined ? {} : { if: expr(shape.condition) }),
    ...(shape.concurrency === undefined ? {} : { concurrency: shape.concurrency }),
  });
}

const plans: fc.Arbitrary<readonly Plan[]> = fc
  .array(
    fc.record({
      jobs: fc.array(jobShape, { minLength: 1, maxLength: 5 }),
      concurrency: concurrency("w1", "w2"),
      needs: fc.array(fc.record({ workflow: fc.nat(3), required: fc.boolean() }), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((shapes) =>
    shapes.map((shape, index) =>
      plan(`w${index}`, shape.jobs.map(toJob), {
        needs: shape.needs
          .filter((need) => need.workflow < index || (need.workflow === 3 && !need.required))
          .map((need) => ({ workflow: `w${need.workflow}`, required: need.required })),
        ...(shape.concurrency === undefined ? {} : { concurrency: shape.concurrency }),
      }),
    ),
  );

/** A world of runners and groups around one run: delivers inputs and checks every transition. */
class World {
  readonly plans: readonly Plan[];
  state: RunState;
  readonly groups = new Map<string, GroupState>();
  /** Inputs on their way, to be delivered in any order. */
  readonly underway: EngineInput[] = [];
  readonly ended = new Map<string, string>();
  finished = 0;

  constructor(plans: readonly Plan[]) {
    this.plans = plans;
    const first = createRun(plans);
    this.state = first.state;
    this.observe(undefined, first);
  }

  send(input: EngineInput): void {
    const before = this.state;
    const next = advance(this.plans, before, input);
    const stored = JSON.parse(JSON.stringify(before)) as RunState;
    assert.deepEqual(advance(this.plans, stored, input), next);
    for (const was of before.jobs) {
      if (isTerminal(was.status) && input.type !== "rerun")
        assert.equal(
          next.state.jobs.find((now) => now.key === was.key),
          was,
        );
    }
    this.state = next.state;
    this.observe(before, next);
  }

  observe(before: RunState | undefined, next: Transition): void {
    const { state, effects } = next;
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
    assert.equal(new Set(state.jobs.map((each) => each.key)).size, state.jobs.length);
    runHeadSchema.parse(state);
    for (const now of state.jobs) this.#check(jobStateSchema.parse(now));
    for (const effect of effects) {
      if (effect.type === "job.queued") this.#checkNeeds(effect.key);
      else if (effect.type === "run.finished") this.finished += 1;
      else if (effect.type === "group.enter")
        this.#change(effect.group, enterGroup(this.groups.get(effect.group), effect));
      else if (effect.type === "group.leave")
        this.#change(effect.group, leaveGroup(this.groups.get(effect.group), effect.holder));
    }
    assert.equal(
      effects.some((effect) => effect.type === "run.finished"),
      isTerminal(state.status) && (before === undefined || !isTerminal(before.status)),
    );
    assert.equal(
      isTerminal(state.status),
      state.jobs.every((each) => isTerminal(each.status)),
    );
    for (const each of state.jobs)
      assert.equal(each.wait === undefined, each.status !== "waiting" && each.status !== "queued");
  }

  #check(now: JobState): void {
    const attempt = `${now.key}#${now.attempt}`;
    const end = this.ended.get(attempt);
    if (end !== undefined) assert.equal(now.status, end);
    else if (isTerminal(now.status)) this.ended.set(attempt, now.status);
    const inHand = this.state.jobs.filter(
      (each) =>
        each.workflow === now.workflow &&
        each.job === now.job &&
        (each.status === "queued" || each.status === "running"),
    );
    if (now.settings !== undefined) assert.ok(inHand.length <= now.settings.maxParallel);
  }

  #checkNeeds(key: string): void {
    const queued = this.state.jobs.find((each) => each.key === key);
    const planned = indexPlans(this.plans).plannedJobs.get(plannedKey(queued?.workflow ?? "", queued?.job ?? ""));
    const before = this.state.jobs.filter(
      (each) => planned?.ancestors.includes(plannedKey(each.workflow, each.job)) === true,
    );
    // Others may run on when a failed job is started again; what is needed directly has always ended.
    for (const need of before.filter((each) => planned?.needs.includes(plannedKey(each.workflow, each.job)) === true))
      assert.equal(isTerminal(need.status), true);
  }

  #change(name: string, change: ReturnType<typeof leaveGroup>): void {
    if (change.state === undefined) this.groups.delete(name);
    else this.groups.set(name, groupStateSchema.parse(change.state));
    for (const holder of change.cancel) this.underway.push(cancelOf(holder));
    for (const holder of change.granted) this.underway.push({ type: "group.granted", holder });
  }

  inHands(): readonly JobState[] {
    return this.state.jobs.filter((each) => each.status === "queued" || each.status === "running");
  }
}

function cancelOf(holder: string): EngineInput {
  return { type: "cancel", reason: "a newer one took the group", ...(holderTarget(holder) ?? { key: "" }) };
}

const results: readonly JobResult[] = ["success", "success", "failure", "cancelled"];

/** One random thing that happens; `dice` decides what, where and how. */
function happen(world: World, dice: number, calm: boolean): boolean {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(dice / 8) % list.length];
  const hand = pick(world.inHands());
  const note = Math.floor(dice / 8) % Math.max(1, world.underway.length);
  if (world.underway.length > 0 && (dice % 8 < 3 || hand === undefined)) {
    const [input] = world.underway.splice(note, 1);
    if (input !== undefined) world.send(input);
    return true;
  }
  if (!calm && dice % 8 === 7) {
    const any = pick(world.state.jobs);
    const choices: readonly EngineInput[] = [
      { type: "cancel", reason: "ann" },
      { type: "cancel", reason: "ann", workflow: "w1" },
      { type: "cancel", reason: "ann", key: any?.key ?? "" },
      { type: "rerun", mode: "all" },
      { type: "rerun", mode: "failed" },
      { type: "job.finished", key: any?.key ?? "", attempt: (any?.attempt ?? 1) - 1, status: "failure", outputs: {} },
    ];
    const choice = choices[Math.floor(dice / 64) % choices.length];
    if (choice !== undefined) world.send(choice);
    return true;
  }
  if (hand === undefined) return false;
  const { key, attempt } = hand;
  if (hand.status === "queued" && dice % 8 < 6) world.send({ type: "job.started", key, attempt });
  else if (dice % 8 === 6) world.send({ type: "job.lost", key, attempt, reason: "its runner died" });
  else
    world.send({
      type: "job.finished",
      key,
      attempt,
      status: results[Math.floor(dice / 64) % results.length] ?? "success",
      outputs: { at: String(dice) },
    });
  return true;
}

describe("any run", () => {
  it("keeps its invariants for any inputs in any order, and finishes", () => {
    fc.assert(
      fc.property(plans, fc.array(fc.nat(100_000), { maxLength: 60 }), (given, dice) => {
        const world = new World(given);
        for (const die of dice) happen(world, die, false);
        // Now everything that is open is brought to its end.
        for (let step = 0; !isTerminal(world.state.status); step += 1) {
          assert.ok(step < 2000, "the run does not end");
          assert.ok(
            happen(world, (dice[step % Math.max(1, dice.length)] ?? 0) + step * 13, true),
            "nothing can happen any more",
          );
        }
        while (world.underway.length > 0) happen(world, 0, true);
        assert.deepEqual([...world.groups.values()], []);
        assert.ok(world.finished > 0);
      }),
      { numRuns: Number(process.env["SLUICE_FUZZ_RUNS"] ?? 150) },
    );
  }, 600_000);
});
