/** One process of a step. */
export interface ProcessSpec {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes output, standard output and standard error in the order they were written. The next piece is read when the answer is done. */
  output(bytes: Uint8Array): Promise<void> | void;
  /** Aborted to end the process: TERM to its group, after the grace KILL. */
  readonly signal: AbortSignal;
  /** How long the group may take to end after TERM, in milliseconds. */
  readonly graceMs: number;
}

/** How a process ended: with a code (128 + n after signal n), or not even started. */
export type ProcessEnd =
  | {
      readonly started: true;
      readonly exitCode: number;
      readonly signal?: string;
      /** True when it left nothing running that still holds its output or is in its group. */
      readonly quiet: boolean;
    }
  | { readonly started: false; readonly reason: string };

/** The processes of one job. */
export interface Processes {
  /** Runs one to its end: when the process itself has ended, whatever its children still do. Never rejects. */
  run(spec: ProcessSpec): Promise<ProcessEnd>;
  /** Ends everything that the job's processes left behind, at once. Safe to call again. */
  reap(): void;
}
