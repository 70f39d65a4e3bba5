import { type Delivery, runFinished } from "../../transition/index.ts";

/** Handles every finished run. Its audit entry was committed with the end itself. */
export class Outcomes {
  register(delivery: Delivery): void {
    delivery.on(runFinished, { deliver: async () => undefined });
  }
}
