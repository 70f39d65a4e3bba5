import type { EngineInput } from "../../engine/index.ts";
import { SluiceError } from "../../model/index.ts";
import { isUnreadable, type MessageRow, type NewMessage, type Store } from "../../store/index.ts";
import { memberOf } from "../group/member.ts";
import { readGroups } from "../group/state.ts";
import type { Delivery } from "../message/delivery.ts";
import { groupEnter, groupLeave, runResume } from "../topics.ts";
import type { Runs } from "./runs.ts";
import type { OpenRun } from "./state.ts";

/**
 * Resumes what a server of an earlier version, which did it from memory, may have left undone for an open run: taken
 * jobs that the state does not know, and places in concurrency groups that were never requested, granted or released.
 * Left by the database upgrade, once per open run.
 */
export class Resumption {
  readonly #store: Store;
  readonly #runs: Runs;

  constructor(options: { readonly store: Store; readonly runs: Runs }) {
    this.#store = options.store;
    this.#runs = options.runs;
  }

  /** Registers the delivery of the messages. */
  register(delivery: Delivery): void {
    delivery.on(runResume, { deliver: ({ run }, message) => this.#resume(run, message) });
  }

  async #resume(id: string, message: MessageRow): Promise<"settled" | undefined> {
    try {
      const leave = await this.#staleMembers(id);
      const { written } = await this.#runs.change(id, async (run) => ({
        inputs: await this.#starts(run),
        effects: () => ({ settles: message.id, messages: [...leave, ...enters(run)] }),
      }));
      return written ? "settled" : undefined;
    } catch (error) {
      if (error instanceof SluiceError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  async #starts({ id, stored }: OpenRun): Promise<readonly EngineInput[]> {
    const running = new Set(
      (await this.#store.jobs.ofRun(id)).filter((row) => row.status === "running").map((row) => row.id),
    );
    return stored.engine.jobs
      .filter(({ key, status }) => status === "queued" && running.has(stored.rows[key] ?? ""))
      .map(({ key, attempt }) => ({ type: "job.started", key, attempt }));
  }

  /** Members of the repository's groups whose runs have ended, or no longer hold them. */
  async #staleMembers(id: string): Promise<readonly NewMessage[]> {
    const { repositoryId } = await this.#runs.open(id);
    const messages: NewMessage[] = [];
    for (const { repositoryId: repository, group, state } of await readGroups(this.#store)) {
      if (repository !== repositoryId) continue;
      for (const { holder: member } of [...state.holders, ...state.queue])
        if (!(await this.#wants(member))) messages.push(groupLeave.message({ repository, group, member }));
    }
    return messages;
  }

  async #wants(member: string): Promise<boolean> {
    const [runId = ""] = member.split("/");
    try {
      const { stored, id } = await this.#runs.open(runId);
      const places = [...stored.engine.workflows, ...stored.engine.jobs].flatMap(({ holder }) => holder ?? []);
      return places.some((place) => memberOf(id, place.id) === member);
    } catch (error) {
      if (error instanceof SluiceError && error.code === "not-found") return false;
      // The intent of a damaged run is unknown: it keeps its place.
      if (isUnreadable(error)) return true;
      throw error;
    }
  }
}

/** The requests of a run that waits for groups. Requesting a place again is harmless. */
function enters({ id, repositoryId: repository, plans, stored }: OpenRun): readonly NewMessage[] {
  const workflows = stored.engine.workflows.flatMap(({ workflow, stage, holder }) => {
    if (stage !== "group" || holder === undefined) return [];
    const limit = plans.find((plan) => plan.workflow === workflow)?.concurrency?.limit ?? 1;
    return [{ holder, limit, cancelInProgress: false }];
  });
  const jobs = stored.engine.jobs.flatMap(({ stage, holder, settings }) => {
    if (stage !== "group" || holder === undefined) return [];
    const { limit = 1, cancelInProgress = false } = settings?.group ?? {};
    return [{ holder, limit, cancelInProgress }];
  });
  return [...workflows, ...jobs].map(({ holder, limit, cancelInProgress }) =>
    groupEnter.message({ repository, group: holder.group, member: memberOf(id, holder.id), limit, cancelInProgress }),
  );
}
