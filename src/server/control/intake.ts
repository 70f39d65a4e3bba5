import { setTimeout as pause } from "node:timers/promises";
import { createRun } from "../../engine/index.ts";
import { mayPass } from "../../forge/index.ts";
import {
  firstLine,
  type Diagnostic,
  type Event,
  hasErrors,
  messageOf,
  type Plan,
  refName,
  SluiceError,
} from "../../model/index.ts";
import { type Compilation, dialectOf, isConcerned, workflowFiles } from "../../dialect/index.ts";
import type { EventRow, RepositoryRow, Store, WorkflowRow } from "../../store/index.ts";
import { crashPoint } from "./crash.ts";
import type { ControlOptions } from "./options.ts";
import { changeRows, runFields } from "./rows.ts";
import type { RunService } from "./runs.ts";
import { Serial } from "./serial.ts";

/** Waits before an event that failed is tried again, in units of `eventRetry`. The repository's next ones wait so long. */
const retries = [1, 5, 25];
/** After those it is tried again ever more rarely, while the next ones go on. */
const firstRound = 50;
const longestRound = 1500;
/** What may pass by itself is tried for ever; anything else becomes a failed run after so many rounds, some five minutes. */
const rounds = 5;

/** Takes events in and makes runs of them, one after the other for each repository. */
export class Intake {
  readonly #options: ControlOptions;
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #makeId: () => string;
  readonly #start: (what: string, work: () => Promise<unknown>) => void;
  readonly #later: (ms: number, work: () => Promise<unknown>) => void;
  readonly #unit: number;
  readonly #serial = new Serial();
  readonly #ending = new AbortController();

  constructor(
    options: ControlOptions,
    parts: {
      runs: RunService;
      makeId: () => string;
      retry: number;
      start: (what: string, work: () => Promise<unknown>) => void;
      later: (ms: number, work: () => Promise<unknown>) => void;
    },
  ) {
    this.#options = options;
    this.#store = options.store;
    this.#runs = parts.runs;
    this.#makeId = parts.makeId;
    this.#start = parts.start;
    this.#later = parts.later;
    this.#unit = parts.retry;
  }

  /** Stores the event and answers; the run follows. An event whose dedupe key is known starts nothing. */
  async accept(
    event: Event,
    repositoryId: string,
    dedupeKey: string,
  ): Promise<{ readonly id: string; readonly fresh: boolean }> {
    // It starts while the event is stored and the files are read.
    this.#options.compiler.warm();
    const receivedAt = this.#options.now();
    const accepted = await this.#store.events.accept({ repositoryId, event, receivedAt }, dedupeKey);
    crashPoint("control.after-accept");
    if (accepted.fresh) this.#follow({ id: accepted.id, repositoryId, event, receivedAt });
    return accepted;
  }

  /** Takes up events that were accepted and not worked off before a stop. */
  async resume(): Promise<void> {
    for (const row of await this.#store.events.pending()) this.#follow(row);
  }

  /** Nothing is tried again: what is not worked off is left for the next start. */
  close(): void {
    this.#ending.abort();
  }

  #follow(row: EventRow): void {
    this.#start("making a run of an event", () => this.#turn(row, 0));
  }

  #turn(row: EventRow, round: number): Promise<void> {
    return this.#serial.run(row.repositoryId, () => this.#process(row, round));
  }

  async #process(row: EventRow, round: number): Promise<void> {
    for (const wait of [...retries, undefined]) {
      try {
        return await this.#make(row);
      } catch (error) {
        const gone = error instanceof SluiceError && error.code === "not-found";
        this.#options.logger.warn({ event: row.id, error: messageOf(error) }, "no run could be made of an event");
        if (gone) return this.#store.events.done(row.id);
        if (wait === undefined) return this.#tryLater(row, round, error);
        await pause(wait * this.#unit, undefined, { signal: this.#ending.signal }).catch(() => undefined);
        if (this.#ending.signal.aborted) return;
      }
    }
  }

  async #tryLater(row: EventRow, round: number, error: unknown): Promise<void> {
    const passing =
      mayPass(error) ||
      (error instanceof SluiceError && ["unavailable", "storage-full", "rate-limited"].includes(error.code));
    if (!passing && round >= rounds) return this.#giveUp(row, error);
    this.#later(Math.min(firstRound * 2 ** Math.min(round, 20), longestRound) * this.#unit, () =>
      this.#turn(row, round + 1),
    );
  }

  /** An event of which no run can be made shows as a failed one that says why: nobody would find it otherwise. */
  async #giveUp(row: EventRow, error: unknown): Promise<void> {
    const told =
      error instanceof SluiceError
        ? error
        : new SluiceError("internal", "Something went wrong inside the server while it read the workflow files.");
    const file = row.event.workflow ?? ".";
    const diagnostic = {
      file,
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 1,
      severity: "error",
      code: told.code,
      message: told.message,
      help: told.help,
    } as const;
    const number = ((await this.#store.runs.list({ repository: row.repositoryId, limit: 1 }))[0]?.number ?? 0) + 1;
    const broken = {
      workflow: file,
      name: "workflow files",
      path: file,
      dialect: "actions",
      status: "failure",
    } as const;
    await this.#create(row, { id: this.#makeId(), number, plans: [], diagnostics: [diagnostic], broken: [broken] });
  }

  async #make(row: EventRow): Promise<void> {
    const repository = await this.#store.repositories.byId(row.repositoryId);
    // A deleted ref has nothing to run.
    if (repository === undefined || /^0*$/.test(row.event.sha)) return this.#store.events.done(row.id);
    const event = await this.#complete(repository, row.event);
    const files = await this.#options.forges.of(repository).files(repository, event.sha, workflowFiles);
    const id = this.#makeId();
    const number = (await this.#store.runs.lastNumber(repository.id)) + 1;
    const run = { id, number, attempt: 1, url: `${this.#options.baseUrl}/runs/${id}`, createdAt: this.#options.now() };
    const compilations = await this.#options.compiler.compileAll(files, {
      event,
      run,
      vars: {},
      serverUrl: this.#options.baseUrl,
    });
    const plans = compilations.map((each) => each.plan).filter((plan) => plan !== undefined);
    const concerned = new Set(files.filter((file) => isConcerned(file, event)).map(({ path }) => path));
    const failed = compilations.filter(
      (each) => each.plan === undefined && hasErrors(each.diagnostics) && concerned.has(each.file),
    );
    if (plans.length + failed.length === 0) return this.#store.events.done(row.id);
    // Of those that do not run only what keeps them from it is told.
    const unmet = compilations
      .filter((each) => each.skipped !== undefined)
      .flatMap((each) => each.diagnostics.filter(({ code }) => code === "workflow-needs-unknown"));
    const diagnostics = [
      ...[...compilations.filter((each) => each.plan !== undefined), ...failed].flatMap((each) => each.diagnostics),
      ...unmet,
    ];
    await this.#create({ ...row, event }, { id, number, plans, diagnostics, broken: failed.map(brokenWorkflow) });
  }

  /** Adds the changed paths, when the event does not bring them and there is something to compare with. */
  async #complete(repository: RepositoryRow, event: Event): Promise<Event> {
    if (event.changedFiles !== undefined) return event;
    const { before, sha } = event;
    const changedFiles = await this.#options.forges
      .of(repository)
      .changedPaths(repository, { ...(before === undefined ? {} : { before }), sha });
    return changedFiles === undefined ? event : { ...event, changedFiles: [...changedFiles] };
  }

  async #create(
    row: EventRow,
    made: {
      readonly id: string;
      readonly number: number;
      readonly plans: readonly Plan[];
      readonly diagnostics: readonly Diagnostic[];
      readonly broken: readonly WorkflowRow[];
    },
  ): Promise<void> {
    const { id, number, plans, diagnostics, broken } = made;
    const now = this.#options.now();
    const { state, effects } = createRun(plans);
    const rows = changeRows(
      { runId: id, plans, now, makeId: this.#makeId, lost: new Map() },
      { broken },
      state,
      effects,
    );
    const fields = runFields(plans, undefined, rows.stored, now);
    const outbox =
      effects.some((effect) => effect.type === "run.finished") || plans.length === 0
        ? [
            {
              topic: "run.finished",
              body: { run: id, repository: row.event.repository.name, number, status: fields.status ?? "skipped" },
            },
          ]
        : [];
    const change = { ...rows.state, run: fields, jobs: rows.jobs, steps: [], annotations: [], summaries: [], outbox };
    const created = await this.#store.runs.create({
      id,
      eventId: row.id,
      repositoryId: row.repositoryId,
      event: row.event,
      title: titleOf(row.event),
      plans,
      diagnostics,
      createdAt: now,
      begin: (run) => {
        // Plans carry the number, so it was asked for before; only another server could have taken it meanwhile.
        if (run.number !== number) throw new SluiceError("conflict", `Another run took the number ${number}.`);
        return change;
      },
    });
    crashPoint("control.after-create");
    // A second call for one event answers with the first run, which goes its own way already.
    if (created.id !== id) return;
    const open = {
      id,
      number,
      repositoryId: row.repositoryId,
      repository: created.repository,
      event: created.event,
      plans,
      stored: rows.stored,
      version: created.version,
    };
    this.#runs.remember(open);
    this.#runs.announce(open, effects, change);
  }
}

function brokenWorkflow({ file }: Compilation): WorkflowRow {
  return { workflow: file, name: file, path: file, dialect: dialectOf(file) ?? "actions", status: "failure" };
}

/** The pull request's title, or the first line of the commit's message. */
function titleOf(event: Event): string {
  const title = firstLine(event.pullRequest?.title ?? event.commit?.message ?? "");
  return title === "" ? `${event.kind} on ${refName(event.ref)}` : title;
}
