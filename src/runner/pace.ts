/**
 * Spaces the sends of a stream: the first goes after `firstMs`, a later one `spacingMs` after the last, or when hurried.
 * What arrives in between is sent together.
 */
export class Pace {
  readonly #spacingMs: number;
  readonly #firstMs: number;
  #last = Number.NEGATIVE_INFINITY;
  #hurry: (() => void) | undefined;

  constructor(spacingMs: number, firstMs = 0) {
    this.#spacingMs = spacingMs;
    this.#firstMs = firstMs;
  }

  /** Waits until the next send is due; `urgent` returns whether it is due now. */
  async due(urgent: () => boolean): Promise<void> {
    const first = this.#last === Number.NEGATIVE_INFINITY;
    const left = first ? this.#firstMs : this.#last + this.#spacingMs - performance.now();
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

  /** Ends a wait now. */
  hurry(): void {
    this.#hurry?.();
  }
}
