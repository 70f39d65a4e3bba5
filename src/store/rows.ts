import type {
  Annotation,
  Diagnostic,
  Event,
  JobStatus,
  Json,
  Plan,
  PlannedStep,
  RunStatus,
  SluiceError,
  StepStatus,
  Wait,
} from "../model/index.ts";

/*
 * The rows of the store's tables, complete and parsed, and the changes of a run. All times are milliseconds since 1970.
 * Ids are ULIDs.
 */

export interface RepositoryRow {
  readonly id: string;
  /** The name of its forge. */
  readonly forge: string;
  /** The forge's own id: names change. */
  readonly remoteId: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly createdAt: number;
}

/** A bare repository on the server's disk. */
export interface GitRepositoryRow {
  readonly remoteId: string;
  /** Absolute path of the bare repository. */
  readonly path: string;
  /** True if Sluice created it in its data folder; false if `sluice repo add` attached it. */
  readonly managed: boolean;
}

export interface EventRow {
  readonly id: string;
  readonly repositoryId: string;
  readonly event: Event;
  readonly receivedAt: number;
}

export interface RunRow {
  readonly id: string;
  readonly repositoryId: string;
  readonly repository: string;
  readonly number: number;
  readonly attempt: number;
  readonly status: RunStatus;
  readonly wait?: Wait;
  readonly title: string;
  readonly event: Event;
  /** Per workflow, for lists. */
  readonly workflows: readonly WorkflowRow[];
  readonly diagnostics: readonly Diagnostic[];
  /** Incremented with every change of the state; a write with an old version is refused. */
  readonly version: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** A run in a list: one with unreadable JSON has its other columns, and the error. */
export type ListedRun = (RunRow & { readonly damage?: undefined }) | DamagedRun;

export type DamagedRun = Omit<RunRow, "event" | "workflows" | "diagnostics" | "wait"> & {
  readonly sha: string;
  readonly wait?: never;
  /** `stored-invalid` or `stored-newer`. */
  readonly damage: SluiceError;
};

export interface WorkflowRow {
  readonly workflow: string;
  readonly name: string;
  readonly runName?: string;
  readonly path?: string;
  readonly dialect: Plan["dialect"];
  readonly status: RunStatus;
}

export interface JobRow {
  readonly id: string;
  readonly runId: string;
  readonly key: string;
  readonly job: string;
  readonly workflow: string;
  readonly name: string;
  readonly attempt: number;
  readonly status: JobStatus;
  readonly wait?: Wait;
  readonly reason?: string;
  readonly needs: readonly string[];
  readonly labels: readonly string[];
  /** Position for first come, first served, and for display. */
  readonly position: number;
  readonly fence: number;
  readonly runnerId?: string;
  readonly detail: JobDetail;
  readonly outputs: Readonly<Record<string, string>>;
  /** Report entries applied so far. */
  readonly reported: number;
  readonly cancelRequested: boolean;
  readonly heartbeatAt?: number;
  readonly queuedAt?: number;
  /** When its runner reported that it begins: nothing of it ran before. */
  readonly begunAt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** It failed, but the failure does not count. */
  readonly allowed: boolean;
  /** It is the newest attempt of its key. */
  readonly newest: boolean;
  /** Its steps, as far as known before it runs. */
  readonly planned: readonly PlannedStep[];
}

/** What the engine evaluated when it queued the job, for its assignment. Empty before. */
export interface JobDetail {
  /** Merged over the plan's contexts. */
  readonly contexts?: Readonly<Record<string, Json>>;
  readonly timeoutMinutes?: number;
}

/** A job without what only its runner needs. */
export type JobHead = Omit<JobRow, "detail">;

export interface StepRow {
  readonly jobId: string;
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly status: StepStatus;
  readonly allowed: boolean;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Its stored log size: exact once the step has finished, at most some seconds old before. Absent if it has none. */
  readonly log?: LogSize;
}

/** Lines and bytes of a step's log. */
export interface LogSize {
  readonly lines: number;
  readonly bytes: number;
}

export interface RunnerRow {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: number;
  readonly lastSeenAt: number;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: "admin" | "writer" | "viewer" | "runner";
  /** For a runner's token: the runner. */
  readonly runnerId?: string;
  readonly createdAt: number;
}

export interface ArtifactRow {
  readonly id: string;
  readonly runId: string;
  readonly jobId: string;
  readonly name: string;
  readonly bytes: number;
  /** Key in the blob store. */
  readonly blob: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface CacheRow {
  readonly repositoryId: string;
  /** The ref it was saved from: another branch sees it only if this is the default branch. */
  readonly scope: string;
  readonly key: string;
  readonly version: string;
  readonly bytes: number;
  readonly blob: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

/** What a commit leaves to be done, in the same transaction: all of it or nothing. */
export interface Effects {
  readonly messages?: readonly NewMessage[];
  readonly audit?: readonly AuditEntry[];
  /** A message that the commit settles. If it is already gone, someone else has settled it, and nothing is written. */
  readonly settles?: number;
}

/** A message, delivered at least once. */
export interface NewMessage {
  readonly topic: string;
  /** Messages of one key are delivered one after the other, in commit order. Without a key it waits for no other. */
  readonly key?: string;
  /** Encoded by its topic. */
  readonly body: string;
  /** Not delivered before this time; at once if absent. */
  readonly dueAt?: number;
}

export interface MessageRow extends NewMessage {
  readonly id: number;
  /** Failed deliveries. */
  readonly attempts: number;
}

/** Files that are unreferenced once rows are gone. */
export interface LeftFiles {
  /** Jobs, by row, that may have logs. */
  readonly jobs: readonly string[];
  /** Keys in the blob store. */
  readonly blobs: readonly string[];
}

/** Which ended runs of a repository stay. The newest run of the default branch always does. */
export interface RunRetention {
  /** Those that ended before go; absent to let none go for their age. */
  readonly endedBefore?: number;
  /** The newest so many stay; of the others those go that ended before `endedBeforeIfMore`. */
  readonly count: number;
  readonly endedBeforeIfMore: number;
  /** The newest so many stay in any case; at least 1. */
  readonly floor: number;
}

/** Who did what, when. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Json;
}

/** A cron line of a repository's default branch. */
export interface ScheduleRow {
  readonly repositoryId: string;
  readonly cron: string;
  readonly timeZone: string;
  /** Since when it is known: it was never due before. */
  readonly since: number;
  /** The last due time that was handled. */
  readonly lastDue?: number;
  /** The last event that it started. */
  readonly last?: {
    /** False until a run was created from it. */
    readonly done: boolean;
    readonly run?: Pick<RunRow, "id" | "number" | "status">;
  };
}

/** The changes of a job. */
export type JobChange = Pick<JobRow, "id" | "runId"> &
  Partial<Omit<JobRow, "wait" | "reason" | "runnerId" | "begunAt" | "startedAt">> & {
    readonly wait?: Wait | null;
    readonly reason?: string | null;
    readonly runnerId?: string | null;
    readonly begunAt?: number | null;
    readonly startedAt?: number | null;
  };

/** A part of a run's state that is stored separately. */
export interface StatePart {
  /** Unique in the run. */
  readonly key: string;
  /** Parts are returned in the order of their places. */
  readonly place: number;
  /** Encoded by the owner of the state. */
  readonly value: string;
}

/** One change of a run: written completely or not at all, together with its effects. */
export interface RunChange {
  readonly runId: string;
  /** The version the change was computed from. */
  readonly expect: number;
  /** The head of the engine's state, encoded. Absent if unchanged. */
  readonly state?: string;
  /** New or changed parts of the state: a run of many jobs must not be rewritten with each of their steps. */
  readonly parts?: readonly StatePart[];
  /** Keys of removed parts. */
  readonly dropped?: readonly string[];
  readonly run: Partial<Pick<RunRow, "status" | "attempt" | "workflows" | "startedAt" | "finishedAt">> & {
    readonly wait?: Wait | null;
  };
  /** Inserted or updated by id; absent fields keep their value, null clears it. */
  readonly jobs: readonly JobChange[];
  /** Steps to insert or update by job and index. */
  readonly steps: readonly (Partial<StepRow> & Pick<StepRow, "jobId" | "index">)[];
  readonly annotations: readonly { readonly jobId: string; readonly step: number; readonly annotation: Annotation }[];
  readonly summaries: readonly { readonly jobId: string; readonly step: number; readonly markdown: string }[];
}

export interface RunFilter {
  readonly repository?: string;
  readonly status?: readonly RunStatus[];
  /** Part of the ref, title, author or the beginning of the sha. */
  readonly text?: string;
  /** Runs older than this id (pages go backwards in time). */
  readonly before?: string;
  readonly limit: number;
}
