import { advance, createRun, type Effect, type EngineInput, type RunState } from "../../engine/index.ts";
import { type Diagnostic, type Event, type Plan, isTerminal, SluiceError } from "../../model/index.ts";
import type { Effects, JobChange, NewMessage, RunChange, Store, WorkflowRow } from "../../store/index.ts";
import { crashPoint } from "../crash-point.ts";
import { Serial } from "../serial.ts";
import type { Signals } from "../signals.ts";
import { runFields } from "./columns.ts";
import { auditOf, messagesOf, signalsOf } from "./effects.ts";
import { changeRows } from "./rows.ts";
import { type OpenRun, readRun, type StoredRun } from "./state.ts";

/** What a change adds to the engine's result. */
export interface ChangeRequest {
  readonly inputs?: readonly EngineInput[];
  readonly jobs?: RunChange["jobs"];
  readonly steps?: RunChange["steps"];
  readonly annotations?: RunChange["annotations"];
  readonly summaries?: RunChange["summaries"];
  /** Committed with the change, if there is one; computed for the state after it. */
  readonly effects?: (after: RunState) => Effects;
}

export interface Changed {
  readonly before: RunState;
  readonly after: OpenRun;
  /** False if nothing, including the effects, had to be written. */
  readonly written: boolean;
}

/** A run to create from an event. */
export interface NewRun {
  readonly id: string;
  /** The repository's next number. */
  readonly number: number;
  readonly eventId: string;
  readonly repositoryId: string;
  readonly event: Event;
  readonly title: string;
  readonly plans: readonly Plan[];
  readonly diagnostics: readonly Diagnostic[];
  /** Workflow files that could not be compiled. */
  readonly broken: readonly WorkflowRow[];
  /** The message that the run settles. */
  readonly settles: number;
}

/** How many open runs are cached in memory; others are read again when needed. */
const kept = 500;
/** How often a change is computed again because another server changed the run in the meantime. */
const attempts = 8;

/**
 * Advances runs: one change at a time per run, computed by the engine from the stored state and written with its rows,
 * messages and audit entries in one transaction. Signals are sent after the commit.
 */
export class Runs {
  readonly #store: Store;
  readonly #signals: Signals;
  readonly #now: () => number;
  readonly #makeId: () => string;
  readonly #kept: number;
  readonly #serial = new Serial();
  readonly #open = new Map<string, OpenRun>();

  constructor(options: {
    readonly store: Store;
    readonly signals: Signals;
    readonly now: () => number;
    readonly makeId: () => string;
    /** Whether no other process changes runs; otherwise what was read before may be another state by now. */
    readonly alone: boolean;
  }) {
    this.#store = options.store;
    this.#signals = options.signals;
    this.#now = options.now;
    this.#makeId = options.makeId;
    this.#kept = options.alone ? kept : 0;
  }

  /** The run with its plans and state. Rejects with `not-found`. */
  async open(runId: string): Promise<OpenRun> {
    const known = this.#open.get(runId);
    if (known !== undefined) return known;
    const [row, plans, state] = await Promise.all([
      this.#store.runs.byId(runId),
      this.#store.runs.plans(runId),
      this.#store.runs.state(runId),
    ]);
    if (row === undefined || state === undefined) throw new SluiceError("not-found", `No run ${runId}.`);
    const { id, number, repositoryId, repository, event } = row;
    const stored = readRun(id, state.state, state.parts);
    const run: OpenRun = { id, number, repositoryId, repository, event, plans, stored, version: state.version };
    this.#remember(run);
    return run;
  }

  #remember(run: OpenRun): void {
    this.#open.delete(run.id);
    if (isTerminal(run.stored.engine.status)) return;
    this.#open.set(run.id, run);
    if (this.#open.size <= this.#kept) return;
    const oldest = this.#open.keys().next().value;
    if (oldest !== undefined) this.#open.delete(oldest);
  }

  /**
   * Creates a run from its event; queues whatever can start. Does nothing if the event already has a run. Rejects with
   * `conflict` if the number is taken, and with `not-found` if the repository is gone.
   */
  async create(made: NewRun): Promise<void> {
    const { id, number, plans, event, broken, settles } = made;
    const now = this.#now();
    const { state, effects } = createRun(plans);
    const rows = changeRows(
      { runId: id, plans, now, makeId: this.#makeId, lost: new Map() },
      { broken },
      state,
      effects,
    );
    const { repositoryId } = made;
    const run = { id, number, repositoryId, repository: event.repository.name, event, plans, stored: rows.stored };
    const change = {
      ...rows.state,
      run: runFields(plans, undefined, rows.stored, now),
      jobs: rows.jobs,
      steps: [],
      annotations: [],
      summaries: [],
    };
    const messages = messagesOf({ ...run, version: 0 }, effects, undefined, rows, []);
    const audit = auditOf(run, undefined, rows.stored, now);

    const created = await this.#store.runs.create({
      ...made,
      createdAt: now,
      change,
      effects: { messages, audit, settles },
    });
    crashPoint("control.after-create");
    // A second call for one event returns the first run, which is already on its way.
    if (created.id !== id) return;
    const open = { ...run, repository: created.repository, version: created.version };
    this.#remember(open);
    this.#tell(open, undefined, effects, change, [], messages);
  }

  /** Sends inputs to the engine. Rejects with `not-found`. */
  advance(runId: string, ...inputs: readonly EngineInput[]): Promise<Changed> {
    return this.change(runId, () => ({ inputs }));
  }

  /**
   * Changes a run. `prepare` receives the current run and returns what to do; it may be called again if another server
   * was faster. If it requests nothing and nothing follows, nothing is written. Rejects with `not-found`.
   */
  change(runId: string, prepare: (run: OpenRun) => ChangeRequest | Promise<ChangeRequest>): Promise<Changed> {
    return this.#serial.run(runId, async () => {
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const run = await this.open(runId);
        const changed = await this.#apply(run, await prepare(run));
        if (changed !== undefined) return changed;
        this.#open.delete(runId);
      }
      throw new SluiceError("unavailable", `Another server keeps changing the run ${runId}.`);
    });
  }

  /** Computes and writes one change; undefined if the run has changed in the meantime. */
  async #apply(run: OpenRun, request: ChangeRequest): Promise<Changed | undefined> {
    const { inputs = [], jobs = [], steps = [], annotations = [], summaries = [] } = request;
    const { engine: before } = run.stored;
    const { engine, effects } = advanceAll(run, inputs);
    const asked = request.effects?.(engine) ?? {};
    const rowsAsked = jobs.length + steps.length + annotations.length + summaries.length;
    const effectsAsked = (asked.messages?.length ?? 0) + (asked.audit?.length ?? 0);
    if (engine === before && rowsAsked + effectsAsked === 0) return { before, after: run, written: false };

    const now = this.#now();
    const rows = changeRows(
      { runId: run.id, plans: run.plans, now, makeId: this.#makeId, lost: lostOf(inputs) },
      run.stored,
      engine,
      effects,
    );
    const change: RunChange = {
      runId: run.id,
      expect: run.version,
      ...(engine === before ? {} : rows.state),
      run: engine === before ? {} : runFields(run.plans, before, rows.stored, now),
      jobs: merged([...rows.jobs, ...jobs]),
      steps,
      annotations,
      summaries,
    };
    const messages = [...messagesOf(run, effects, run.stored, rows, steps), ...(asked.messages ?? [])];
    const audit = [...(asked.audit ?? []), ...auditOf(run, run.stored, rows.stored, now)];
    if (!(await this.#store.runs.apply(change, { ...asked, messages, audit }))) return undefined;
    const after: OpenRun = { ...run, stored: rows.stored, version: run.version + 1 };
    this.#remember(after);
    this.#tell(after, run.stored, effects, change, rows.cancelled, messages);
    return { before, after, written: true };
  }

  #tell(
    run: OpenRun,
    before: StoredRun | undefined,
    effects: readonly Effect[],
    change: Omit<RunChange, "runId" | "expect">,
    cancelled: readonly string[],
    messages: readonly NewMessage[],
  ): void {
    for (const signal of signalsOf(run, before, effects, change, cancelled)) this.#signals.send(signal);
    if (messages.length > 0) this.#signals.send({ type: "messages" });
  }
}

/** One change per job: each of them is a write. */
function merged(changes: readonly JobChange[]): readonly JobChange[] {
  const byId = new Map<string, JobChange>();
  for (const change of changes) byId.set(change.id, { ...byId.get(change.id), ...change });
  return [...byId.values()];
}

function advanceAll(
  run: OpenRun,
  inputs: readonly EngineInput[],
): { readonly engine: RunState; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  let { engine } = run.stored;
  for (const input of inputs) {
    const next = advance(run.plans, engine, input);
    engine = next.state;
    effects.push(...next.effects);
  }
  return { engine, effects };
}

/** Jobs that an input declares lost, with the reason. */
function lostOf(inputs: readonly EngineInput[]): ReadonlyMap<string, string> {
  return new Map(inputs.filter((input) => input.type === "job.lost").map(({ key, reason }) => [key, reason]));
}
