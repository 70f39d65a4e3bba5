/** What every backend is made with. */
export interface BackendOptions {
  /** Folder of the runner's machine below which jobs may have theirs. */
  readonly workRoot: string;
}
