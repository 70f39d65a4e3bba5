/** A wait that ends when woken, on timeout, or when its caller gives up. */
export interface Waiter {
  /** Resolves with true if it was woken. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
  wake(): void;
  readonly woken: boolean;
}

/** Creates a waiter. If it is woken before anyone waits, the wait ends at once: nothing is missed in between. */
export function makeWaiter(): Waiter {
  let woken = false;
  let end: ((woken: boolean) => void) | undefined;
  return {
    get woken() {
      return woken;
    },
    wake() {
      woken = true;
      end?.(true);
    },
    wait(ms, signal) {
      if (woken || signal.aborted || ms <= 0) return Promise.resolve(woken);
      return new Promise((resolve) => {
        const finish = (result: boolean): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", giveUp);
          end = undefined;
          resolve(result);
        };
        const giveUp = (): void => finish(false);
        const timer = setTimeout(giveUp, ms);
        signal.addEventListener("abort", giveUp, { once: true });
        end = finish;
      });
    },
  };
}
