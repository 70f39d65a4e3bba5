import { enterGroup, type GroupChange, type GroupState, leaveGroup } from "../../engine/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { MessageRow, NewMessage, Store } from "../../store/index.ts";
import type { Delivery } from "../message/delivery.ts";
import { groupEnter, groupGranted, groupLeave, groupYield } from "../topics.ts";
import { partsOf } from "./member.ts";
import { groupCodec, groupPlace } from "./state.ts";
import type { Signals } from "../signals.ts";

/** How often a change is computed again because another server changed the group in the meantime. */
const attempts = 8;

type Place = { readonly repository: string; readonly group: string };

/**
 * Manages the concurrency groups of repositories: admits runs in order, and stops those that must make room. Requests,
 * releases and grants are messages: a change of a group and its consequences are one commit.
 */
export class Groups {
  readonly #store: Store;
  readonly #signals: Signals;

  constructor(options: { readonly store: Store; readonly signals: Signals }) {
    this.#store = options.store;
    this.#signals = options.signals;
  }

  /** Registers the delivery of the groups' messages. */
  register(delivery: Delivery): void {
    delivery.on(groupEnter, {
      deliver: (body, message) => {
        const { member, limit, cancelInProgress } = body;
        return this.#change(body, message, (state) => enterGroup(state, { holder: member, limit, cancelInProgress }));
      },
    });
    delivery.on(groupLeave, {
      deliver: (body, message) => this.#change(body, message, (state) => leaveGroup(state, body.member)),
    });
  }

  async #change(
    { repository, group }: Place,
    message: MessageRow,
    step: (state: GroupState | undefined) => GroupChange,
  ): Promise<"settled"> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const found = await this.#store.groups.state(repository, group);
      const before = found && groupCodec.decode(found.state, groupPlace(repository, group));
      const { state, granted, cancel } = step(before);
      const stored = state === undefined ? null : groupCodec.encode(state);
      const messages = [
        ...cancel.map((member) => groupYield.message(toRun({ repository, group }, member))),
        ...granted.map((member) => groupGranted.message(toRun({ repository, group }, member))),
      ];
      if (await this.#save({ repository, group }, stored, found?.version ?? 0, messages, message)) return "settled";
    }
    throw new SluiceError("unavailable", `Another server keeps changing the concurrency group ${group}.`);
  }

  async #save(
    { repository, group }: Place,
    state: Parameters<Store["groups"]["save"]>[2],
    version: number,
    messages: readonly NewMessage[],
    { id: settles }: MessageRow,
  ): Promise<boolean> {
    const saved = await this.#store.groups.save(repository, group, state, version, { messages, settles });
    if (saved && messages.length > 0) this.#signals.send({ type: "messages" });
    return saved;
  }
}

function toRun({ repository, group }: Place, member: string) {
  const [run] = partsOf(member);
  return { repository, group, run, member };
}
