import { type RunnerView, SluiceError } from "../../model/index.ts";
import type { RunnerRow, Store } from "../../store/index.ts";
import type { LiveHub } from "./live.ts";

/** A runner is written down as seen no oftener than this, in milliseconds: every write is a commit. */
const writeInterval = 10_000;

/** A runner that was silent for so long may be forgotten, in milliseconds. */
const forgottenAfter = 3 * 86_400_000;

/** What a runner says of itself. */
export interface RunnerRegistration {
  /** Of an earlier registration, to be known anew under it. */
  readonly id?: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: number;
}

/** The runners that made themselves known, and when each was heard of last. */
export class Runners {
  readonly #store: Store;
  readonly #live: LiveHub;
  readonly #now: () => number;
  readonly #makeId: () => string;
  readonly #start: (what: string, work: () => Promise<unknown>) => void;
  /** A runner is online when it was heard of within this time. */
  readonly #silence: number;
  /** As many may be registered. */
  readonly #most: number;
  readonly #seen = new Map<string, { at: number; written: number; online: boolean }>();

  constructor(options: {
    store: Store;
    live: LiveHub;
    now: () => number;
    makeId: () => string;
    silence: number;
    most: number;
    start: (what: string, work: () => Promise<unknown>) => void;
  }) {
    this.#store = options.store;
    this.#live = options.live;
    this.#now = options.now;
    this.#makeId = options.makeId;
    this.#silence = options.silence;
    this.#most = options.most;
    this.#start = options.start;
  }

  /**
   * Rejects with `not-found` for an id that nobody has, and with `conflict` when too many are registered: first the one
   * that was silent for longest makes room, with its token, if that was for days and it has no job.
   */
  async register({ id, name, labels, capacity }: RunnerRegistration): Promise<{ readonly id: string }> {
    if (id !== undefined && (await this.#store.runners.byId(id)) === undefined)
      throw new SluiceError("not-found", `There is no runner ${id}.`);
    if (id === undefined) await this.#makeRoom();
    const row: RunnerRow = {
      id: id ?? this.#makeId(),
      name,
      labels: [...new Set(labels)],
      capacity,
      lastSeenAt: this.#now(),
    };
    await this.#store.runners.save(row);
    this.#seen.set(row.id, { at: row.lastSeenAt, written: row.lastSeenAt, online: true });
    this.#live.publish({ type: "runner", runner: row.id });
    return { id: row.id };
  }

  async #makeRoom(): Promise<void> {
    const rows = await this.#store.runners.list();
    if (rows.length < this.#most) return;
    const busy = new Set((await this.#store.jobs.running()).map((job) => job.runnerId));
    const heard = (row: RunnerRow): number => Math.max(row.lastSeenAt, this.#seen.get(row.id)?.at ?? 0);
    const [oldest] = rows
      .filter((row) => !busy.has(row.id) && this.#now() - heard(row) > forgottenAfter)
      .toSorted((left, right) => heard(left) - heard(right));
    if (oldest === undefined)
      throw new SluiceError("conflict", `${rows.length} runners are registered; that is the limit.`, {
        help: "Let runners come back with the token they were given, instead of registering anew.",
      });
    await this.#store.runners.remove(oldest.id);
    this.#seen.delete(oldest.id);
  }

  /** The runner was heard of, with these labels when it asks for jobs. */
  seen(id: string, labels?: readonly string[]): void {
    const at = this.#now();
    const known = this.#seen.get(id);
    const entry = known ?? { at, written: 0, online: false };
    entry.at = at;
    this.#seen.set(id, entry);
    if (!entry.online) this.#live.publish({ type: "runner", runner: id });
    entry.online = true;
    if (at - entry.written < writeInterval && at >= entry.written) return;
    entry.written = at;
    this.#start("noting that a runner was seen", () => this.#note(id, at, labels));
  }

  async #note(id: string, at: number, labels: readonly string[] | undefined): Promise<void> {
    const row = await this.#store.runners.byId(id);
    if (row === undefined) return;
    const same =
      labels === undefined ||
      (labels.length === row.labels.length && labels.every((label) => row.labels.includes(label)));
    if (same) await this.#store.runners.seen(id, at);
    else await this.#store.runners.save({ ...row, labels: [...labels], lastSeenAt: at });
  }

  /** Tells listeners of runners that went silent since the last look. */
  look(): void {
    const now = this.#now();
    for (const [id, entry] of this.#seen) {
      if (!entry.online || now - entry.at < this.#silence) continue;
      entry.online = false;
      this.#live.publish({ type: "runner", runner: id });
    }
  }

  async views(): Promise<readonly RunnerView[]> {
    const [rows, running] = await Promise.all([this.#store.runners.list(), this.#store.jobs.running()]);
    const now = this.#now();
    return rows.map((row) => {
      const lastSeen = Math.max(row.lastSeenAt, this.#seen.get(row.id)?.at ?? 0);
      return {
        id: row.id,
        name: row.name,
        labels: [...row.labels],
        capacity: row.capacity,
        busy: running.filter((job) => job.runnerId === row.id).length,
        online: now - lastSeen < this.#silence,
        lastSeenAt: new Date(lastSeen).toISOString(),
      };
    });
  }
}
