import { setImmediate } from "node:timers/promises";
import { messageOf } from "../model/index.ts";
import { type Channel, channelBytes } from "../store/index.ts";
import { lookAgain, packSignals, readSignals, writeSignal } from "./signal-text.ts";
import { localSignals, type Signal, type SignalListener, type Signals } from "./signals.ts";

/** How many signals can wait to be sent. If there are more, hints to look again replace them. */
const mostWaiting = 1000;

export interface SignalsLogger {
  warn(fields: object, message: string): void;
}

/** Signals between all processes that have the database open. */
export function openSignals(channel: Channel, logger: SignalsLogger): Signals {
  return channel.shared ? new SharedSignals(channel, logger) : localSignals();
}

/**
 * Listeners in this process hear a signal at once. Other processes hear it through the channel: what is sent in one tick,
 * or while the channel is busy, goes together.
 */
class SharedSignals implements Signals {
  readonly shared = true;
  readonly #channel: Channel;
  readonly #logger: SignalsLogger;
  readonly #local = localSignals();
  readonly #ignore: () => void;
  /** Written signals, each once: the same one twice says nothing more. */
  #waiting = new Set<string>();
  #sending: Promise<void> | undefined;

  constructor(channel: Channel, logger: SignalsLogger) {
    this.#channel = channel;
    this.#logger = logger;
    this.#ignore = channel.subscribe({
      text: (text) => this.#hear(text),
      // The others may have missed signals of ours, too.
      missed: () => lookAgain.forEach((hint) => this.send(hint)),
    });
  }

  listen(listener: SignalListener): () => void {
    return this.#local.listen(listener);
  }

  send(signal: Signal): void {
    this.#local.send(signal);
    this.#queue(signal);
    this.#sending ??= this.#publish();
  }

  async close(): Promise<void> {
    this.#ignore();
    await this.#sending;
  }

  #queue(signal: Signal): void {
    this.#waiting.add(writeSignal(signal, channelBytes));
    if (this.#waiting.size > mostWaiting)
      this.#waiting = new Set(lookAgain.map((hint) => writeSignal(hint, channelBytes)));
  }

  /** Until none waits. Never rejects. */
  async #publish(): Promise<void> {
    await setImmediate();
    while (this.#waiting.size > 0) {
      const texts = packSignals(this.#waiting, channelBytes);
      this.#waiting = new Set();
      try {
        for (const text of texts) await this.#channel.publish(text);
      } catch (error) {
        this.#logger.warn({ error: messageOf(error) }, "signals did not reach the other servers, which will poll");
      }
    }
    this.#sending = undefined;
  }

  #hear(text: string): void {
    try {
      for (const signal of readSignals(text)) this.#local.send(signal);
    } catch (error) {
      const fields = { text: text.slice(0, 100), error: messageOf(error) };
      this.#logger.warn(fields, "ignored a notification that no server of this version sent");
    }
  }
}
