/** The options of every backend. */
export interface BackendOptions {
  /** Folder of the runner's machine that can contain job folders. */
  readonly workRoot: string;
}
