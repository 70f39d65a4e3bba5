import type { Masker } from "../masking/index.ts";
import type { JobReport } from "../model/index.ts";
import { StepLog } from "./output/log.ts";
import type { JobPorts } from "./port.ts";

interface SetUp {
  readonly ports: JobPorts;
  readonly masker: Masker;
  report(entry: JobReport): void;
  addStep(id: string, name: string): number;
}

/** The log of what happens before the first step. It becomes a step of the job if anything is logged. */
export class SetUpLog {
  readonly #setUp: SetUp;
  #log: StepLog | undefined;

  constructor(setUp: SetUp) {
    this.#setUp = setUp;
  }

  line(text: string): void {
    this.#log ??= this.#begin();
    this.#log.line(text);
  }

  end(): void {
    if (this.#log === undefined) return;
    void this.#log.flush();
    const { step } = this.#log;
    this.#setUp.report({ type: "step.finished", step, status: "success", allowed: false, at: Date.now() });
  }

  #begin(): StepLog {
    const { ports, masker, report, addStep } = this.#setUp;
    const name = "Set up job";
    const step = addStep("__set_up", name);
    report({ type: "step.started", step, name, at: Date.now() });
    return new StepLog(step, ports.reporter, masker);
  }
}
