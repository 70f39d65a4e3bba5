export interface LogRange {
  readonly first: number;
  readonly lines: readonly string[];
  readonly times: readonly number[];
  readonly total: number;
  readonly bytes: number;
  readonly closed: boolean;
}

/**
 * Step logs: files with a sparse line index beside them, compressed in frames when closed. Memory does not grow with a
 * log. Lines are cut at 64 KiB when read; the stored bytes are complete.
 */
export interface Logs {
  /**
   * Appends at `offset` (see RunnerChannel.log): rejects with `log-gap` (the error has the stored `length`), with
   * `log-closed` for new bytes after the close, and with `storage-full`. Acknowledged bytes stay readable. Returns the
   * stored length and the number of lines so far.
   */
  append(
    job: string,
    step: number,
    offset: number,
    bytes: Uint8Array,
    now: number,
  ): Promise<{ readonly length: number; readonly lines: number }>;
  /** Ends the log: completes a last line without newline, and compresses. Closing twice is harmless. */
  close(job: string, step: number): Promise<void>;
  /**
   * A line counts once its newline is stored, or the log is closed. Returns lines `first` (from 1) to `first + count -
   * 1`; a negative `first` counts from the end (-1 is the last line). Returns fewer at the end of the log, or after
   * 10,000 lines or about 4 MiB: ask again for the rest.
   */
  read(job: string, step: number, first: number, count: number): Promise<LogRange>;
  /** The steps of a job that have a log, in order. */
  steps(job: string): Promise<readonly number[]>;
  /** Length so far, without reading. */
  size(
    job: string,
    step: number,
  ): Promise<{ readonly lines: number; readonly bytes: number; readonly closed: boolean }>;
  /** Lines that contain `text` (case-insensitive, ignoring ANSI sequences), starting at line `from`. */
  search(
    job: string,
    step: number,
    text: string,
    options: { readonly from: number; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<{ readonly matches: readonly { readonly line: number; readonly text: string }[]; readonly more: boolean }>;
  /** Numbers of the lines that report a failure, in order, at most `limit`; `first` is the one to start reading at. */
  errors(
    job: string,
    step: number,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<{ readonly first: number | null; readonly lines: readonly number[]; readonly more: boolean }>;
  /** The raw bytes from an offset, for download and for live streams. */
  raw(job: string, step: number, offset: number): AsyncIterable<Uint8Array>;
  /** Removes all logs of a job. */
  remove(job: string): Promise<void>;
  /** Jobs whose first or last log was begun before, in milliseconds since 1970. */
  older(before: number): AsyncIterable<string>;
}
