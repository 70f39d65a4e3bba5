import { mayHaveSchedules, scheduleRef, workflowFiles } from "../../dialect/index.ts";
import { type Diagnostic, messageOf, type Schedule, type ScheduleProblem, SluiceError } from "../../model/index.ts";
import type { RepositoryRow, ScheduleRow } from "../../store/index.ts";
import type { Background } from "../control/background.ts";
import { crashPoint, Serial } from "../../transition/index.ts";
import type { Intake } from "../runs/intake.ts";
import type { Limits } from "../control/limits.ts";
import type { LiveHub } from "../live/hub.ts";
import type { ControlOptions } from "../control/options.ts";
import { groupSchedules, ScheduleEntry } from "./entry.ts";
import { scheduleView } from "./view.ts";

/** The longest sleep, in milliseconds: a changed clock or a machine that slept is noticed within a minute. */
const longestSleep = 60_000;
/** Delay after a push before its schedules are read, in milliseconds: its own run comes first. */
const readDelay = 500;
/** Retry delays in milliseconds: for starting a schedule, and for reading a repository. */
const startRetry = 30_000;
const readRetry = 5 * 60_000;

/** The state of one repository's default branch. */
interface Known {
  readonly row: RepositoryRow;
  readonly ref: string;
  readonly sha: string;
  readonly entries: readonly ScheduleEntry[];
  readonly problems: readonly Diagnostic[];
  /** When to read it again; absent if it could be read. */
  readonly retryAt?: number;
}

/**
 * Starts what is due. Knows the cron lines of every default branch, sleeps until the first of them is due, and stores
 * its event under a key that names the line and the due time: repeating it (after a crash, or by another server that
 * had the database in the meantime) stores nothing. A missed due time is caught up once, within `limits.lateness`.
 */
export class ScheduleService {
  readonly #options: ControlOptions;
  readonly #intake: Intake;
  readonly #live: LiveHub;
  readonly #limits: Limits;
  readonly #background: Background;
  readonly #known = new Map<string, Known>();
  readonly #serial = new Serial();
  /** Repositories about to be read. */
  readonly #soon = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  /** The clock at the last check. */
  #seen = 0;

  constructor(
    options: ControlOptions,
    parts: { intake: Intake; live: LiveHub; limits: Limits; background: Background },
  ) {
    this.#options = options;
    this.#intake = parts.intake;
    this.#live = parts.live;
    this.#limits = parts.limits;
    this.#background = parts.background;
  }

  /** Starts: reads all repositories, in the background, one after the other. */
  start(): void {
    this.#started = true;
    this.#background.start("reading schedules", async () => {
      for (const { id } of await this.#options.store.repositories.list()) if (this.#started) await this.check(id);
    });
  }

  close(): void {
    this.#started = false;
    clearTimeout(this.#timer);
  }

  /** The repository's default branch may have moved, or be gone: reads it soon. */
  lookSoon(repositoryId: string): void {
    if (!this.#started || this.#soon.has(repositoryId)) return;
    this.#soon.add(repositoryId);
    this.#background.later("reading schedules", readDelay, () => {
      this.#soon.delete(repositoryId);
      return this.check(repositoryId);
    });
  }

  /** Reads the schedules of a repository's default branch, if it has moved. */
  async check(repositoryId: string): Promise<void> {
    await this.#serial.run(repositoryId, () => this.#read(repositoryId));
    this.#arm();
  }

  /** Starts everything due by now. `start` calls it at the right times. */
  async tick(): Promise<void> {
    await this.#serial.run("tick", () => this.#startDue());
    this.#arm();
  }

  /** The schedules of one or all repositories, by repository, and the problems of those that never run. */
  async list(
    repositoryId?: string,
  ): Promise<{ readonly schedules: readonly Schedule[]; readonly problems: readonly ScheduleProblem[] }> {
    const rows = Map.groupBy(await this.#options.store.schedules.list(repositoryId), (row) => row.repositoryId);
    const known = [...this.#known.values()]
      .filter(({ row }) => repositoryId === undefined || row.id === repositoryId)
      .toSorted((a, b) => (a.row.name < b.row.name ? -1 : 1));
    return {
      schedules: known.flatMap(({ row, entries }) =>
        entries.map((entry) =>
          scheduleView(
            row,
            entry,
            rows.get(row.id)?.find((each) => isOf(each, entry)),
            this.#options.now(),
          ),
        ),
      ),
      problems: known.flatMap(({ row, problems }) =>
        problems.map(({ file, line, column, code, message, help }) => ({
          repository: row.name,
          file,
          line,
          column,
          code,
          message,
          help,
        })),
      ),
    };
  }

  /** Starts a schedule now, in addition to its due times. Rejects with `not-found`. */
  async run(id: string, sender: string): Promise<{ readonly event: string }> {
    for (const { row, ref, sha, entries } of this.#known.values()) {
      const entry = entries.find((each) => each.id === id);
      if (entry === undefined) continue;
      const { cron, timeZone } = entry;
      const { forges, now } = this.#options;
      const event = await forges.of(row).event(row, { kind: "schedule", ref, sha, cron, timeZone, sender });
      const detail = { schedule: id, cron, timeZone };
      const audit = { at: now(), actor: sender, action: "schedule.run", subject: row.name, detail };
      const accepted = await this.#intake.accept(event, row.id, `schedule:by-hand:${crypto.randomUUID()}`, audit);
      await this.#options.store.schedules.note({ repositoryId: row.id, cron, timeZone }, { event: accepted.id });
      this.#live.publish({ type: "schedule", repository: row.id });
      return { event: accepted.id };
    }
    throw new SluiceError("not-found", `No schedule ${id}.`);
  }

  async #read(repositoryId: string): Promise<void> {
    const { store, now } = this.#options;
    const before = this.#known.get(repositoryId);
    const row = await store.repositories.byId(repositoryId);
    const ref = row === undefined ? "" : scheduleRef(row);
    const sha = row === undefined ? undefined : (await store.repositories.tips(repositoryId)).get(ref);
    if (
      row !== undefined &&
      before !== undefined &&
      before.ref === ref &&
      before.sha === sha &&
      before.retryAt === undefined
    )
      return;
    if (row === undefined || sha === undefined) {
      this.#known.delete(repositoryId);
      if (row !== undefined) await store.schedules.replace(repositoryId, [], now());
    } else {
      this.#known.set(repositoryId, await this.#readCommit(row, ref, sha));
    }
    this.#live.publish({ type: "schedule", repository: repositoryId });
  }

  async #readCommit(row: RepositoryRow, ref: string, sha: string): Promise<Known> {
    const { store, forges, compiler, now, logger } = this.#options;
    try {
      const found = await forges.of(row).files(row, sha, workflowFiles);
      // Most repositories do not need their files read again.
      const read = mayHaveSchedules(found) ? await compiler.schedules(row.name, found) : { lines: [], diagnostics: [] };
      const { groups, problems } = groupSchedules(read, this.#limits.schedules);
      const rows = await store.schedules.replace(row.id, groups, now());
      const at = now();
      const entries = groups.flatMap((group) => {
        const stored = rows.find((each) => isOf(each, group));
        return stored === undefined ? [] : [new ScheduleEntry(group, stored, at, this.#limits.lateness)];
      });
      return { row, ref, sha, entries, problems };
    } catch (error) {
      logger.warn({ repository: row.name, error: messageOf(error) }, "cannot read the schedules");
      const { code, help } = error instanceof SluiceError ? error : new SluiceError("internal", messageOf(error));
      const message = `Cannot read the schedules of ${sha.slice(0, 8)}: ${messageOf(error)}`;
      const problem: Diagnostic = {
        file: row.defaultBranch,
        line: 1,
        column: 1,
        endLine: 1,
        endColumn: 1,
        severity: "error",
        code,
        message,
        help,
      };
      return { row, ref, sha, entries: [], problems: [problem], retryAt: now() + readRetry };
    }
  }

  async #startDue(): Promise<void> {
    const now = this.#options.now();
    const wentBack = now < this.#seen;
    this.#seen = now;
    for (const known of this.#known.values()) {
      if (known.retryAt !== undefined && known.retryAt <= now) await this.check(known.row.id);
      for (const entry of known.entries) {
        // The next time computed by a clock that was ahead may be years away.
        if (wentBack) entry.wakeAt = entry.nextAt(now);
        // Reading again may have replaced the rest.
        if (entry.wakeAt <= now && this.#known.get(known.row.id) === known) await this.#wake(known, entry);
      }
    }
  }

  async #wake(known: Known, entry: ScheduleEntry): Promise<void> {
    const now = this.#options.now();
    const due = entry.missed(now, this.#limits.lateness);
    entry.wakeAt = entry.nextAt(now);
    if (due === undefined) return;
    try {
      await this.#startOne(known, entry, due);
    } catch (error) {
      entry.wakeAt = Math.min(entry.wakeAt, now + startRetry);
      this.#options.logger.warn(
        { repository: known.row.name, schedule: entry.cron, error: messageOf(error) },
        "cannot start a due schedule; retrying",
      );
    }
  }

  async #startOne({ row, ref, sha }: Known, entry: ScheduleEntry, due: number): Promise<void> {
    const { store, forges } = this.#options;
    if ((await store.repositories.tips(row.id)).get(ref) !== sha) {
      // The line may be gone with its commit; otherwise it is still due.
      await this.check(row.id);
      return;
    }
    const { cron, timeZone } = entry;
    const line = { repositoryId: row.id, cron, timeZone };
    const stored = (await store.schedules.list(row.id)).find((each) => isOf(each, entry));
    // Another server may have had the database while this one was down.
    if (stored?.lastDue === due) return entry.handled(due);
    const last = stored?.last;
    const waits =
      last !== undefined && (!last.done || last.run?.status === "pending" || last.run?.status === "blocked");
    entry.note = waits
      ? `${last.run === undefined ? "the previous run" : `run ${last.run.number}`} had not begun, so ${new Date(due).toISOString()} was skipped`
      : undefined;
    if (waits) {
      await store.schedules.note(line, { due });
    } else {
      const event = await forges.of(row).event(row, { kind: "schedule", ref, sha, cron, timeZone });
      crashPoint("control.before-scheduled");
      const { id } = await this.#intake.accept(
        event,
        row.id,
        `schedule:${timeZone}:${cron}:${new Date(due).toISOString()}`,
      );
      crashPoint("control.after-scheduled");
      await store.schedules.note(line, { due, event: id });
    }
    entry.handled(due);
    this.#live.publish({ type: "schedule", repository: row.id });
  }

  /** Sleeps until the next due time. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#started) return;
    const times = [...this.#known.values()].flatMap(({ entries, retryAt }) => [
      ...entries.map((entry) => entry.wakeAt),
      ...(retryAt === undefined ? [] : [retryAt]),
    ]);
    if (times.length === 0) return;
    const next = times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY);
    const sleep = Math.min(Math.max(next - this.#options.now(), 0), longestSleep);
    this.#timer = setTimeout(() => this.#background.start("starting schedules", () => this.tick()), Math.ceil(sleep));
    this.#timer.unref();
  }
}

function isOf(row: ScheduleRow, line: { readonly cron: string; readonly timeZone: string }): boolean {
  return row.cron === line.cron && row.timeZone === line.timeZone;
}
