import { type Compilation, dialectOf, isConcerned, workflowFiles } from "../../dialect/index.ts";
import {
  type Diagnostic,
  type Event,
  firstLine,
  hasErrors,
  type Plan,
  refName,
  SluiceError,
} from "../../model/index.ts";
import type { AuditEntry, EventRow, MessageRow, RepositoryRow, Store, WorkflowRow } from "../../store/index.ts";
import { crashPoint, type Delivery, eventReceived, type Runs, type Signals } from "../../transition/index.ts";
import type { ControlOptions } from "../control/options.ts";

/** How often an event is compiled again because another run of the repository took its number. */
const attempts = 8;

interface Made {
  readonly id: string;
  readonly number: number;
  readonly plans: readonly Plan[];
  readonly diagnostics: readonly Diagnostic[];
  readonly broken: readonly WorkflowRow[];
}

/** Receives events and turns them into runs, one after the other per repository. */
export class Intake {
  readonly #options: ControlOptions;
  readonly #store: Store;
  readonly #runs: Runs;
  readonly #signals: Signals;
  readonly #makeId: () => string;

  constructor(
    options: ControlOptions,
    parts: { readonly runs: Runs; readonly signals: Signals; readonly makeId: () => string },
  ) {
    this.#options = options;
    this.#store = options.store;
    this.#runs = parts.runs;
    this.#signals = parts.signals;
    this.#makeId = parts.makeId;
  }

  /**
   * Stores the event, with its audit entry, and returns; the run follows. An event with a known dedupe key starts
   * nothing.
   */
  async accept(
    event: Event,
    repositoryId: string,
    dedupeKey: string,
    audit?: AuditEntry,
  ): Promise<{ readonly id: string; readonly fresh: boolean }> {
    // The compiler starts while the event is stored and the files are read.
    this.#options.compiler.warm();
    const row = { repositoryId, event, receivedAt: this.#options.now() };
    const accepted = await this.#store.events.accept(row, dedupeKey, (id) => ({
      messages: [eventReceived.message({ event: id, repository: repositoryId })],
      ...(audit === undefined ? {} : { audit: [audit] }),
    }));
    crashPoint("control.after-accept");
    if (accepted.fresh) this.#signals.send({ type: "messages" });
    return accepted;
  }

  /** Registers the delivery of stored events. */
  register(delivery: Delivery): void {
    delivery.on(eventReceived, {
      deliver: ({ event }, message) => this.#process(event, message),
      exhausted: ({ event }, message, error) => this.#giveUp(event, message, error),
    });
  }

  async #process(id: string, message: MessageRow): Promise<"settled"> {
    const row = await this.#store.events.byId(id);
    if (row === undefined) return this.#ignore(id, message);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#make(row, message);
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        if (error.code === "not-found") return this.#ignore(id, message);
        if (error.code !== "conflict" || attempt === attempts) throw error;
      }
    }
  }

  /** The event starts nothing. */
  async #ignore(id: string, { id: settles }: MessageRow): Promise<"settled"> {
    await this.#store.events.done(id, { settles });
    return "settled";
  }

  async #make(row: EventRow, message: MessageRow): Promise<"settled"> {
    const repository = await this.#store.repositories.byId(row.repositoryId);
    // A deleted ref has nothing to run.
    if (repository === undefined || /^0*$/.test(row.event.sha)) return this.#ignore(row.id, message);
    const event = await this.#complete(repository, row.event);
    const made = await this.#compile(repository, event);
    if (made === undefined) return this.#ignore(row.id, message);
    return this.#create({ ...row, event }, made, message);
  }

  /** Undefined if no workflow matches the event. */
  async #compile(repository: RepositoryRow, event: Event): Promise<Made | undefined> {
    const { baseUrl, compiler, forges, now } = this.#options;
    const files = await forges.of(repository).files(repository, event.sha, workflowFiles);
    const id = this.#makeId();
    const number = (await this.#store.runs.lastNumber(repository.id)) + 1;
    const run = { id, number, attempt: 1, url: `${baseUrl}/runs/${id}`, createdAt: now() };
    const compilations = await compiler.compileAll(files, { event, run, vars: {}, serverUrl: baseUrl });
    const plans = compilations.map((each) => each.plan).filter((plan) => plan !== undefined);
    const concerned = new Set(files.filter((file) => isConcerned(file, event)).map(({ path }) => path));
    const failed = compilations.filter(
      (each) => each.plan === undefined && hasErrors(each.diagnostics) && concerned.has(each.file),
    );
    if (plans.length + failed.length === 0) return undefined;
    // For files that do not run, only errors are reported.
    const unmet = compilations
      .filter((each) => each.skipped !== undefined)
      .flatMap((each) => each.diagnostics.filter(({ code }) => code === "workflow-needs-unknown"));
    const shown = [...compilations.filter((each) => each.plan !== undefined), ...failed];
    const diagnostics = [...shown.flatMap((each) => each.diagnostics), ...unmet];
    return { id, number, plans, diagnostics, broken: failed.map(brokenWorkflow) };
  }

  /** Adds the changed paths, if the event lacks them and there is something to compare with. */
  async #complete(repository: RepositoryRow, event: Event): Promise<Event> {
    if (event.changedFiles !== undefined) return event;
    const { before, sha } = event;
    const changedFiles = await this.#options.forges
      .of(repository)
      .changedPaths(repository, { ...(before === undefined ? {} : { before }), sha });
    return changedFiles === undefined ? event : { ...event, changedFiles: [...changedFiles] };
  }

  async #create(row: EventRow, made: Made, { id: settles }: MessageRow): Promise<"settled"> {
    const { repositoryId, event } = row;
    await this.#runs.create({ ...made, eventId: row.id, repositoryId, event, title: titleOf(event), settles });
    return "settled";
  }

  /** An event that cannot become a run becomes a failed run with the reason: otherwise nobody would notice. */
  async #giveUp(id: string, message: MessageRow, error: unknown): Promise<"settled"> {
    const row = await this.#store.events.byId(id);
    if (row === undefined) return this.#ignore(id, message);
    const reported =
      error instanceof SluiceError
        ? error
        : new SluiceError("internal", "An internal error occurred while the server read the workflow files.");
    const file = row.event.workflow ?? ".";
    const { code, message: text, help } = reported;
    const place = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    return this.#create(
      row,
      {
        id: this.#makeId(),
        number: (await this.#store.runs.lastNumber(row.repositoryId)) + 1,
        plans: [],
        diagnostics: [{ ...place, severity: "error", code, message: text, help }],
        broken: [{ workflow: file, name: "workflow files", path: file, dialect: "actions", status: "failure" }],
      },
      message,
    );
  }
}

function brokenWorkflow({ file }: Compilation): WorkflowRow {
  return { workflow: file, name: file, path: file, dialect: dialectOf(file) ?? "actions", status: "failure" };
}

/** The pull request's title, or the first line of the commit message. */
function titleOf(event: Event): string {
  const title = firstLine(event.pullRequest?.title ?? event.commit?.message ?? "");
  return title === "" ? `${event.kind} on ${refName(event.ref)}` : title;
}
