import type { Json } from "./json.ts";
import type { Count, Expression, Flag, Place, Template, Text } from "./template.ts";

/** The dialects a workflow can be written in. For people to read: nothing behind the front ends branches on it. */
export const dialects = ["actions", "woodpecker", "native"] as const;
export type Dialect = (typeof dialects)[number];

/**
 * One workflow compiled for one event: all that a runner needs, as plain JSON.
 * Expressions inside are evaluated later, with `contexts` and what the run adds (needs, matrix, steps …).
 */
export interface Plan {
  readonly version: 1;
  readonly dialect: Dialect;
  /** Identifies the workflow within its run: the file's path for Actions and native, the file's stem for Woodpecker. */
  readonly workflow: string;
  /** What people call it. */
  readonly name: string;
  /** What people call this run of it, where the dialect has such a name. Anybody may have written what is in it: one line of at most 200 characters. */
  readonly runName?: string;
  readonly source: { readonly path: string; readonly sha: string };
  /** Other workflows of the same run that must end first. */
  readonly needs: readonly WorkflowNeed[];
  /** The author's variables, visible to expressions as `env`. */
  readonly env: Environment;
  /** What every step's process gets besides (`GITHUB_SHA`, `CI_COMMIT_SHA` …), not visible as `env`. */
  readonly systemEnv: Readonly<Record<string, string>>;
  /** Values that do not change while the run lasts: `github`, `inputs`, `vars`. */
  readonly contexts: Readonly<Record<string, Json>>;
  readonly concurrency?: Concurrency;
  /** What the token of its jobs may do: a word for all, or a word for each kind of thing. */
  readonly permissions?: Json;
  readonly jobs: readonly JobPlan[];
}

/** Literal or evaluated variables; a whole map may itself be an expression that yields an object. */
export type Environment = Readonly<Record<string, Text>> | Expression;

export interface WorkflowNeed {
  readonly workflow: string;
  /** An optional need that is not part of the run is ignored; a required one makes the workflow skipped. */
  readonly required: boolean;
}

export interface Need {
  readonly job: string;
  readonly required: boolean;
}

export interface Concurrency {
  readonly group: Text;
  readonly cancelInProgress: Flag;
  /** How many holders the group admits at once; 1 unless the dialect can say otherwise. */
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
  /** In place of the plan's. */
  readonly permissions?: Json;
  /** How often the job is started again when its runner dies. */
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
  /** For the dummy backend and container backends: what runs instead of the image's own command. */
  readonly commands?: readonly Text[];
}

export interface StepPlan {
  /** Unique within the job. Authors' ids are kept; the others are made up and start with `__`. */
  readonly id: string;
  readonly name?: Text;
  readonly at?: Place;
  /** Absent means `success()`. */
  readonly if?: Expression;
  readonly env: Environment;
  readonly timeoutMinutes?: Count;
  /** The step's failure does not fail the job: it is shown as `allowed`. */
  readonly continueOnError?: Flag;
  readonly action: StepAction;
  /** Ids of steps that must end before this one. Where any step of a job has it, the steps form a graph; otherwise a list. */
  readonly needs?: readonly string[];
  /** Starts and lets the next step start. What it sets, and that it failed, the job learns from a step that waits for it, or at its end. */
  readonly background?: boolean;
}

export type StepAction =
  | {
      readonly type: "run";
      readonly script: Text;
      readonly shell?: Text;
      readonly workingDirectory?: Text /** What it prints becomes its output `raw_output`. */;
      readonly keepsOutput?: boolean;
    }
  | { readonly type: "uses"; readonly reference: Text; readonly with: Readonly<Record<string, Text>> }
  | {
      readonly type: "container";
      readonly image: Text;
      readonly entrypoint?: readonly Text[];
      /** Shell lines run one after the other, stopping at the first that fails. */
      readonly commands?: readonly Text[];
      /** A plugin's settings; they reach it as `PLUGIN_*`. */
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

/** Step kinds of the native dialect that Sluice carries out itself. */
export const typedSteps = ["checkout", "upload_artifact", "update_status"] as const;
export type TypedStep = (typeof typedSteps)[number];
