import { SluiceError } from "../../model/index.ts";

/** Maximum size of a push's list of refs, in bytes: some hundreds of thousands of refs, which git holds in memory. */
const listLimit = 32 * 1024 * 1024;

/**
 * Measures a push as it streams by (gitprotocol-pack(5): the refs to move as pkt-lines, a flush-pkt, the pack). git
 * limits the pack itself (`receive.maxInputSize`) and tells the pusher; nothing in git limits the list.
 */
export class PushMeter {
  readonly #packLimit: number;
  #header = "";
  /** Remaining bytes of the current pkt-line; undefined once the list has ended. */
  #left: number | undefined = 0;
  #list = 0;
  #pack = 0;

  constructor(packLimit: number) {
    this.#packLimit = packLimit;
  }

  /** Counts a chunk. Returns an error if the push is too large. */
  pass(chunk: Buffer): SluiceError | undefined {
    const listed = this.#passList(chunk);
    this.#list += listed;
    this.#pack += chunk.length - listed;
    if (this.#list > listLimit)
      return new SluiceError(
        "payload-too-large",
        `The push moves too many refs: their list is longer than ${listLimit / 1024 / 1024} MiB.`,
        { help: "Push fewer refs at a time." },
      );
    // git has rejected it long before this; the rest would only be discarded.
    if (this.#pack > this.#packLimit * 2)
      return new SluiceError("payload-too-large", "The push is larger than the limit.", {
        help: "Push less at a time, or raise git.pushLimitMiB in the configuration.",
      });
    return undefined;
  }

  /**
   * How many bytes of the chunk belong to the list. Anything that is not a pkt-line ends it: git rejects that itself.
   */
  #passList(chunk: Buffer): number {
    let at = 0;
    while (this.#left !== undefined && at < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      this.#header += chunk.toString("latin1", at, at + 1);
      at += 1;
      if (this.#header.length < 4) continue;
      const length = /^[0-9a-f]{4}$/i.test(this.#header) ? Number.parseInt(this.#header, 16) : 0;
      this.#header = "";
      this.#left = length < 4 ? undefined : length - 4;
    }
    return at;
  }
}
