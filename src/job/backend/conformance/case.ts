import type { Backend, Capabilities, Environment, Exit, StepStart } from "../port.ts";

/** One thing that every backend does, or cannot do. */
export interface Case {
  readonly what: string;
  /** The case is skipped without it. `false`: only for backends that lack it. */
  readonly needs?: Partial<Readonly<Record<keyof Capabilities, boolean>>>;
  check(bed: Bed): Promise<void>;
}

/** What a case works with. */
export interface Bed {
  readonly backend: Backend;
  /** A new one for each case. */
  readonly environment: Environment;
  /** Opens another one. */
  open(): Promise<Environment>;
  /** An image for cases that need one. */
  readonly image: string;
  /** Starts a shell script and collects its output. */
  script(text: string, more?: Partial<StepStart>): Promise<Running>;
}

export interface Running {
  readonly exit: Promise<Exit>;
  output(): string;
}
