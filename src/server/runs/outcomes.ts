import { type Delivery, runFinished } from "../../transition/index.ts";
import type { Retention } from "../storage/retention.ts";

/** Handles every finished run. Its audit entry was committed with the end itself. */
export class Outcomes {
  readonly #retention: Pick<Retention, "runEnded">;

  constructor(options: { readonly retention: Pick<Retention, "runEnded"> }) {
    this.#retention = options.retention;
  }

  register(delivery: Delivery): void {
    delivery.on(runFinished, {
      deliver: async ({ repository }) => {
        await this.#retention.runEnded(repository);
        return undefined;
      },
    });
  }
}
