import { type RunnerView, SluiceError } from "../../model/index.ts";
import type { RunnerRow, Store } from "../../store/index.ts";
import type { LiveHub } from "../live/hub.ts";

/** Minimum interval between stored sightings of a runner, in milliseconds: every write is a commit. */
const writeInterval = 10_000;

/** A runner that was silent for this long can be forgotten, in milliseconds. */
const forgottenAfter = 3 * 86_400_000;

/** What a runner says about itself. */
export interface RunnerRegistration {
  /** The id of an earlier registration to reuse. */
  readonly id?: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: number;
}

/** The registered runners, and when each was last seen. */
export class Runners {
  readonly #store: Store;
  readonly #live: LiveHub;
  readonly #now: () => number;
  readonly #makeId: () => string;
  readonly #start: (what: string, work: () => Promise<unknown>) => void;
  /** A runner is online if it was seen within this time. */
  readonly #silence: number;
  /** Maximum number of registered runners. */
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
   * Rejects with `not-found` for an unknown id, and with `conflict` if too many are registered: first the one that was
   * silent longest is removed with its token, if it was silent for days and has no job.
   */
  async register({ id, name, labels, capacity }: RunnerRegistration): Promise<{ readonly id: string }> {
    if (id !== undefined && (await this.#store.runners.byId(id)) === undefined)
      throw new SluiceError("not-found", `No runner ${id}.`);
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
      throw new SluiceError("conflict", `${rows.length} runners are registered, which is the limit.`, {
        help: "Restart runners with the token they were given, instead of registering them again.",
      });
    await this.#store.runners.remove(oldest.id);
    this.#seen.delete(oldest.id);
  }

  /** The runner was seen, with these labels if it requests jobs. */
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
    this.#start("recording that a runner was seen", () => this.#note(id, at, labels));
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

  /** Notifies listeners of runners that went silent since the last check. */
  check(): void {
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
