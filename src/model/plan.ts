import type { Json } from "./json.ts";
import type { Count, Expression, Flag, Place, Template, Text } from "./template.ts";

/** The dialects of workflows. Only for display: nothing behind the front ends branches on it. */
export const dialects = ["actions", "woodpecker", "native"] as const;
export type Dialect = (typeof dialects)[number];

/**
 * One workflow compiled for one event: everything a runner needs, as plain JSON. Its expressions are evaluated later,
 * with `contexts` and what the run adds (needs, matrix, steps …).
 */
export interface Plan {
  readonly version: 1;
  readonly dialect: Dialect;
  /** Identifies the workflow within its run: the file's path for Actions and native, the file's stem for Woodpecker. */
  readonly workflow: string;
  /** The display name. */
  readonly name: string;
  /**
   * The display name of this run of it, if the dialect has one. Anyone may have written its content: one line of at
   * most 200 characters.
   */
  readonly runName?: string;
  readonly source: { readonly path: string; readonly sha: string };
  /** Other workflows of the same run that must finish first. */
  readonly needs: readonly WorkflowNeed[];
  /** The author's variables, available to expressions as `env`. */
  readonly env: Environment;
  /** Additional variables of every step's process (`GITHUB_SHA`, `CI_COMMIT_SHA` …), not available as `env`. */
  readonly systemEnv: Readonly<Record<string, string>>;
  /** Values that stay the same during the run: `github`, `inputs`, `vars`. */
  readonly contexts: Readonly<Record<string, Json>>;
  readonly concurrency?: Concurrency;
  /** Permissions of its jobs' token: one level for everything, or a level per scope. */
  readonly permissions?: Json;
  readonly jobs: readonly JobPlan[];
}

/** Literal or evaluated variables; the whole map can be an expression that yields an object. */
export type Environment = Readonly<Record<string, Text>> | Expression;

export interface WorkflowNeed {
  readonly workflow: string;
  /** An optional need that is not part of the run is ignored; a missing required one skips the workflow. */
  readonly required: boolean;
}

export interface Need {
  readonly job: string;
  readonly required: boolean;
}

export interface Concurrency {
  readonly group: Text;
  readonly cancelInProgress: Flag;
  /** How many holders the group admits at once; 1 unless the dialect can set it. */
  readonly limit: number;
}

export interface JobPlan {
  readonly id: string;
  readonly name?: Text;
  readonly at?: Place;
  readonly needs: readonly Need[];
  /** Absent means `success()`. */
  readonly if?: Expression;
  readonly strategy?: Strategy;
  /** Labels that a runner must have, all of them. */
  readonly runsOn: Template;
  readonly container?: Container;
  readonly services: readonly Service[];
  readonly env: Environment;
  readonly steps: readonly StepPlan[];
  readonly outputs: Readonly<Record<string, Text>>;
  readonly timeoutMinutes?: Count;
  readonly continueOnError?: Flag;
  readonly environment?: { readonly name: Text; readonly url?: Text };
  readonly concurrency?: Concurrency;
  /** Instead of the plan's. */
  readonly permissions?: Json;
  /** How often the job is restarted when its runner dies. */
  readonly retryLost?: number;
}

export interface Strategy {
  /** An object of lists with `include` and `exclude`, or an expression that yields one. */
  readonly matrix?: Template;
  readonly failFast: Flag;
  readonly maxParallel?: Count;
}

export interface Container {
  readonly image: Text;
  readonly env: Environment;
  readonly options?: Text;
  readonly ports?: Template;
  readonly volumes?: Template;
  readonly credentials?: Template;
}

export interface Service extends Container {
  readonly id: string;
  /** For the dummy backend and container backends: runs instead of the image's own command. */
  readonly commands?: readonly Text[];
}

export interface StepPlan {
  /** Unique within the job. Authors' ids are kept; generated ids start with `__`. */
  readonly id: string;
  readonly name?: Text;
  readonly at?: Place;
  /** Absent means `success()`. */
  readonly if?: Expression;
  readonly env: Environment;
  readonly timeoutMinutes?: Count;
  /** The step's failure does not fail the job; it is shown as `allowed`. */
  readonly continueOnError?: Flag;
  readonly action: StepAction;
  /**
   * Ids of steps that must finish before this one. If any step of a job has it, the steps form a graph; otherwise a
   * list.
   */
  readonly needs?: readonly string[];
  /**
   * Starts and lets the next step start. The job gets its variables, outputs and failure from a step that waits for it,
   * or at the job's end.
   */
  readonly background?: boolean;
}

export type StepAction =
  | {
      readonly type: "run";
      readonly script: Text;
      readonly shell?: Text;
      readonly workingDirectory?: Text /** Its output becomes its step output `raw_output`. */;
      readonly keepsOutput?: boolean;
    }
  | { readonly type: "uses"; readonly reference: Text; readonly with: Readonly<Record<string, Text>> }
  | {
      readonly type: "container";
      readonly image: Text;
      readonly entrypoint?: readonly Text[];
      /** Shell lines that run in order and stop at the first failure. */
      readonly commands?: readonly Text[];
      /** A plugin's settings, passed to it as `PLUGIN_*`. */
      readonly settings?: Readonly<Record<string, Template>>;
      readonly privileged?: boolean;
      /** A service: it is started, not waited for, and stopped at the end of the job. */
      readonly detach?: boolean;
    }
  /** Waits for steps in the background, by their ids, and fails when one of them has failed. */
  | { readonly type: "wait"; readonly steps: readonly string[] | "all" }
  /** Ends steps in the background, by their ids. */
  | { readonly type: "cancel"; readonly steps: readonly string[] }
  | { readonly type: "typed"; readonly kind: TypedStep; readonly config: Readonly<Record<string, Template>> };

/** Native step types that Sluice performs itself. */
export const typedSteps = ["checkout", "upload_artifact", "update_status"] as const;
export type TypedStep = (typeof typedSteps)[number];
