import { type EngineInput, holderTarget, type RunState } from "../../engine/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { Effects, MessageRow, Store } from "../../store/index.ts";
import type { Delivery } from "../message/delivery.ts";
import type { Runs } from "../run/runs.ts";
import { groupGranted, groupLeave, groupYield } from "../topics.ts";
import { partsOf } from "./member.ts";

type Told = { readonly repository: string; readonly group: string; readonly run: string; readonly member: string };

/** Tells runs what their concurrency groups decide: continue, or make room. */
export class Grants {
  readonly #store: Store;
  readonly #runs: Runs;

  constructor(options: { readonly store: Store; readonly runs: Runs }) {
    this.#store = options.store;
    this.#runs = options.runs;
  }

  /** Registers the delivery of the messages. */
  register(delivery: Delivery): void {
    delivery.on(groupGranted, { deliver: (body, message) => this.#grant(body, message) });
    delivery.on(groupYield, { deliver: (body, message) => this.#yield(body, message) });
  }

  /** A run that ended in the meantime no longer holds the place: release it. */
  async #grant(told: Told, message: MessageRow): Promise<"settled" | undefined> {
    const { repository, group, run, member } = told;
    const [, holder] = partsOf(member);
    const giveBack = groupLeave.message({ repository, group, member });
    try {
      const { written } = await this.#runs.change(run, () => ({
        inputs: [{ type: "group.granted", holder }],
        effects: (after) => ({ settles: message.id, messages: holds(after, holder) ? [] : [giveBack] }),
      }));
      return written ? "settled" : undefined;
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.#store.messages.add([giveBack]);
      return undefined;
    }
  }

  async #yield({ run, member, group }: Told, message: MessageRow): Promise<"settled" | undefined> {
    const [, holder] = partsOf(member);
    const target = holderTarget(holder);
    if (target === undefined) return undefined;
    const cancel: EngineInput = {
      type: "cancel",
      reason: `a newer one took the concurrency group ${group}`,
      ...target,
    };
    const effects = (): Effects => ({ settles: message.id });
    try {
      const { written } = await this.#runs.change(run, () => ({ inputs: [cancel], effects }));
      return written ? "settled" : undefined;
    } catch (error) {
      // A run that was removed has made room.
      if (isGone(error)) return undefined;
      throw error;
    }
  }
}

function holds({ workflows, jobs }: RunState, holder: string): boolean {
  return [...workflows, ...jobs].some((each) => each.holder?.id === holder);
}

function isGone(error: unknown): boolean {
  return error instanceof SluiceError && error.code === "not-found";
}
