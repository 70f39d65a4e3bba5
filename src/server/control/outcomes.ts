import { type Delivery, runFinished } from "../../transition/index.ts";

/** Hears of every run that has ended. Its audit entry was committed with the end itself. */
export class Outcomes {
  register(delivery: Delivery): void {
    delivery.on(runFinished, { deliver: async () => undefined });
  }
}
