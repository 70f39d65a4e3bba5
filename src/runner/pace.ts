/**
 * Spaces the sends of a stream: the first goes at once, a later one when `spacingMs` have gone by since the last, or
 * when somebody hurries. What comes in between goes out together.
 */
export class Pace {
  readonly #spacingMs: number;
  #last = Number.NEGATIVE_INFINITY;
  #hurry: (() => void) | undefined;

  constructor(spacingMs: number) {
    this.#spacingMs = spacingMs;
  }

  /** Waits until the next send is due; `urgent` asks whether it is due now. */
  async due(urgent: () => boolean): Promise<void> {
    const left = this.#last + this.#spacingMs - performance.now();
    if (left > 0 && !urgent()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#hurry = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#hurry = undefined;
    }
    this.#last = performance.now();
  }

  /** Makes a wait end now. */
  hurry(): void {
    this.#hurry?.();
  }
}
