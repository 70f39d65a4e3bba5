/** A wait that ends when it is woken, when its time is over, or when its caller gives up. */
export interface Waiter {
  /** Ends with true when it was woken. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
  wake(): void;
  readonly woken: boolean;
}

/** Makes a waiter. One that is woken before anybody waits does not wait at all: nothing is missed in between. */
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
