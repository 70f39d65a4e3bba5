import { SluiceError } from "../../model/index.ts";

/** The list of refs of one push: some hundreds of thousands, which git holds in memory. In bytes. */
const listLimit = 32 * 1024 * 1024;

/**
 * Watches the size of a push as it passes by (gitprotocol-pack(5): the refs to move as pkt-lines, a flush-pkt, the pack).
 * git bounds the pack by itself (`receive.maxInputSize`), and tells the pusher so; nothing of git's bounds the list.
 */
export class PushMeter {
  readonly #packLimit: number;
  #header = "";
  /** Bytes left of the pkt-line that is passing; undefined once the list has ended. */
  #left: number | undefined = 0;
  #list = 0;
  #pack = 0;

  constructor(packLimit: number) {
    this.#packLimit = packLimit;
  }

  /** Takes note of what came. Answers with what is wrong, when the push is too large. */
  pass(chunk: Buffer): SluiceError | undefined {
    const listed = this.#passList(chunk);
    this.#list += listed;
    this.#pack += chunk.length - listed;
    if (this.#list > listLimit)
      return new SluiceError(
        "payload-too-large",
        `The push moves too many refs: the list of them is longer than ${listLimit / 1024 / 1024} MiB.`,
        { help: "Push fewer refs at a time." },
      );
    // git has refused it long before this; what else is sent would only be thrown away.
    if (this.#pack > this.#packLimit * 2)
      return new SluiceError("payload-too-large", "The push is larger than the limit.", {
        help: "Push less at a time, or raise git.pushLimitMiB in the configuration.",
      });
    return undefined;
  }

  /** How many bytes of the chunk belong to the list. What is no pkt-line ends it: git refuses that by itself. */
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
