import type { Compilation, CompileContext, Schedules, WorkflowFile } from "../../dialect/index.ts";

/** A question about a commit's files. */
export type Question =
  | { readonly kind: "compile"; readonly files: readonly WorkflowFile[]; readonly context: CompileContext }
  | { readonly kind: "schedules"; readonly files: readonly WorkflowFile[] };

/** The answer for each file. */
export type Answer = Compilation | Schedules;

export interface Size {
  readonly characters: number;
  readonly jobs: number;
}

/** One task for the thread: all files without an answer. */
export interface CompileTask {
  readonly question: Question;
  /** What an earlier thread answered for the first files. */
  readonly before: readonly Answer[];
  /** Maximum characters of the answers as JSON, and maximum jobs. */
  readonly room: Size;
}

/**
 * Messages from the thread: `begin` and then `answer` or `failed` for every file; `checked` for some of them; finally
 * `end`.
 */
export type Notice =
  | { readonly type: "begin"; readonly index: number }
  | { readonly type: "answer"; readonly answer: Answer; readonly size: Size }
  /** The answer would be too large, or a defect of ours threw. */
  | { readonly type: "failed"; readonly why: keyof Size | "defect"; readonly message: string }
  /** Another answer, now that the files have been compared. */
  | { readonly type: "checked"; readonly index: number; readonly answer: Answer }
  | { readonly type: "end" };
