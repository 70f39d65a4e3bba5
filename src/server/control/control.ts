import { randomBytes } from "node:crypto";
import { scheduleRef } from "../../dialect/index.ts";
import { type Event, isTerminal, makeId, SluiceError } from "../../model/index.ts";
import type { RunnerChannel } from "../../runner/index.ts";
import type { JobRow } from "../../store/index.ts";
import { Assignments } from "./assignment.ts";
import { Background } from "./background.ts";
import { RunnerService } from "./channel.ts";
import { Dispatch } from "./dispatch.ts";
import { GroupService } from "./group.ts";
import { expireArtifacts } from "./housekeeping.ts";
import { Intake } from "./intake.ts";
import { defaultLimits } from "./limits.ts";
import { LiveHub } from "./live.ts";
import { LogIntake } from "./log-intake.ts";
import { Notices } from "./notices.ts";
import type { ControlOptions } from "./options.ts";
import { deliveries, Outbox } from "./outbox.ts";
import { Queries } from "./queries.ts";
import { Reaper } from "./reaper.ts";
import { Reports } from "./report.ts";
import { type RunnerRegistration, Runners } from "./runners.ts";
import { RunService } from "./runs.ts";
import { ScheduleService } from "./schedules.ts";
import { Transfers } from "./transfers.ts";

/** Messages are delivered this long after a change, in milliseconds, so that they are not in the way of a job's start. */
const deliveryDelay = 200;
const lookInterval = 1000;
const spaceInterval = 5000;
const housekeepingInterval = 3_600_000;

export type Control = ReturnType<typeof startControl>;

/**
 * Puts the controllers together: events come in, runs move on, runners are served. Does nothing by itself until `start`.
 */
export function startControl(options: ControlOptions) {
  const { store, blobs, logs, now, logger } = options;
  const monotonic = options.monotonic ?? (() => performance.now());
  const limits = { ...defaultLimits, ...options.limits };
  const newId = (): string => makeId(now(), randomBytes(16));
  const live = new LiveHub(now());
  const notices = new Notices({ now, storage: options.storage, changed: () => live.publish({ type: "notice" }) });
  const trouble = (error: unknown): void => notices.report(error);
  const background = new Background(logger, trouble);
  const start = (what: string, work: () => Promise<unknown>): void => background.start(what, work);

  const runs: RunService = new RunService({
    store,
    now,
    makeId: newId,
    later: (ms, work) => background.later("noting that a job has started", ms, work),
    listener: {
      queued: (labels) => dispatch.wake(labels),
      cancelled: (jobs) => service.cancelled(jobs),
      groups: (run, effects) => groups.carryOut(run, effects),
      outbox: () => deliverSoon(),
      publish: (event) => live.publish(event),
    },
  });
  const groups: GroupService = new GroupService({ store, runs, start });
  const runners = new Runners({
    store,
    live,
    now,
    makeId: newId,
    silence: limits.silence + 12_000,
    most: limits.runners,
    start,
  });
  const dispatch: Dispatch = new Dispatch({
    store,
    runs,
    assignments: new Assignments({ store, runs, baseUrl: options.baseUrl, forges: options.forges }),
    now,
    withdraw: (job) => reaper.withdraw(job),
    taken: (job) => live.publish({ type: "job", run: job.runId, job: job.id, status: "running" }),
  });
  const reports: Reports = new Reports({
    store,
    runs,
    limits,
    finished: (job, steps) => start("closing logs", () => closeLogs(job, steps)),
  });
  const logIntake = new LogIntake({ store, logs, live, limits, now });
  const transfers = new Transfers({ store, blobs, runs, limits, now, makeId: newId });
  const service: RunnerService = new RunnerService({
    store,
    dispatch,
    reports,
    logs: logIntake,
    transfers,
    runners,
    limits,
    now,
    trouble,
    beats: (job) => reaper.heard(job),
  });
  const reaper: Reaper = new Reaper({
    store,
    logs,
    runs,
    monotonic,
    silence: limits.silence,
    overtime: limits.overtime,
    lost: (job) => start("closing logs", () => closeLogs(job, [])),
  });
  const outbox = new Outbox({ store, deliveries: deliveries(store, now), now, logger });
  const intake = new Intake(options, {
    runs,
    makeId: newId,
    retry: limits.eventRetry,
    start,
    later: (ms, work) => background.later("making a run of an event again", ms, work),
  });
  const schedules = new ScheduleService(options, { intake, live, limits, background });
  const queries = new Queries({ store, logs, runs, runners, now });

  /** Closes the logs of steps that have ended; of all steps when none are named, for then the job has. */
  async function closeLogs(job: JobRow, steps: readonly number[]): Promise<void> {
    if (steps.length === 0) {
      service.forget(job.id, job.fence);
      reports.forget(job.id);
      logIntake.forget(job.id);
      dispatch.forget(job.id);
    }
    const ended = steps.length > 0 ? steps : (await store.jobs.stepsOf([job.id])).map((step) => step.index);
    for (const step of ended) if ((await logs.size(job.id, step)).bytes > 0) await logs.close(job.id, step);
  }

  async function look(): Promise<void> {
    runners.look();
    await reaper.look();
  }

  // Deliveries never overlap; a change that comes in the middle of one is followed by another.
  let delivering: "no" | "soon" | "now" | "again" = "no";
  let retrying = false;
  function deliverSoon(ms = deliveryDelay): void {
    if (delivering === "now") delivering = "again";
    if (delivering !== "no") return;
    delivering = "soon";
    background.later("delivering messages", ms, deliver);
  }
  async function deliver(): Promise<void> {
    delivering = "now";
    try {
      const due = await outbox.deliver();
      if (due !== undefined) retryIn(due);
    } finally {
      const again = (delivering as string) === "again";
      delivering = "no";
      if (again) deliverSoon();
    }
  }
  function retryIn(ms: number): void {
    if (retrying) return;
    retrying = true;
    background.later("delivering messages again", ms, async () => {
      retrying = false;
      deliverSoon(0);
    });
  }

  return {
    live,

    /** Stores an event and answers at once; the run follows. `fresh` is false when the event is known already. */
    async accept(
      event: Event,
      repositoryId: string,
      dedupeKey: string,
    ): Promise<{ readonly id: string; readonly fresh: boolean }> {
      const accepted = await intake.accept(event, repositoryId, dedupeKey);
      if (event.kind === "push" && event.ref === scheduleRef(event.repository)) schedules.lookSoon(repositoryId);
      return accepted;
    },

    /** Something of a repository that is shown has changed, or its default branch has moved. */
    repositoryChanged(repositoryId: string): void {
      live.publish({ type: "repository", repository: repositoryId });
      schedules.lookSoon(repositoryId);
    },

    /** Starts workflows at their times, once its `start` was called: after pushes that were missed have been found. */
    schedules,

    runs: queries.runs.bind(queries),
    run: queries.run.bind(queries),
    job: queries.job.bind(queries),
    now: async () => ({ ...(await queries.now()), notices: notices.list }),
    notices: () => notices.list,

    /** Something failed outside of the controllers: that the storage is full is told to everybody. */
    trouble,
    runners: () => runners.views(),

    /** Cancels a run; a second time also what goes on after a cancel. Rejects with `not-found`, or `conflict` when it has ended. */
    async cancelRun(id: string, reason: string): Promise<void> {
      const { before } = await runs.advance(id, { type: "cancel", reason });
      if (isTerminal(before.status)) throw new SluiceError("conflict", "The run has ended already.");
    },

    /** Cancels one job. Rejects with `not-found`, or `conflict` when it has ended. */
    async cancelJob(id: string, reason: string): Promise<void> {
      const row = await store.jobs.byId(id);
      if (row === undefined) throw new SluiceError("not-found", `There is no job ${id}.`);
      const { before, after } = await runs.change(row.runId, (run) =>
        run.stored.rows[row.key] === id ? { inputs: [{ type: "cancel", reason, key: row.key }] } : {},
      );
      if (before === after.stored.engine && row.status !== "running")
        throw new SluiceError("conflict", "The job has ended already.");
    },

    /** Runs again: everything, or what failed and what comes after it. Rejects with `not-found`, or `conflict` when there is nothing to run again. */
    async rerun(id: string, mode: "all" | "failed"): Promise<void> {
      const { before, after } = await runs.advance(id, { type: "rerun", mode });
      if (before.attempt !== after.stored.engine.attempt) return;
      throw new SluiceError(
        "conflict",
        mode === "all" ? "The run has not ended, or has nothing to run." : "Nothing of the run failed.",
      );
    },

    registerRunner: (runner: RunnerRegistration) => runners.register(runner),

    /** The service behind every runner's calls, bound to one runner. */
    channelFor: (runnerId: string): RunnerChannel => service.channelFor(runnerId),

    /** The runner's process is gone for certain (it was this server's own): its jobs are lost now, or queued again when nothing of them had begun. */
    releaseRunner: (runnerId: string, reason = "the server stopped while the job ran"): Promise<void> =>
      reaper.release(runnerId, reason),

    /** Takes up what a stop left, and begins to watch runners, deliver messages and tidy up. */
    async start(): Promise<void> {
      await groups.recover();
      await intake.resume();
      deliverSoon();
      background.every("looking for silent runners", lookInterval, look);
      background.every("looking whether there is space", spaceInterval, () => notices.look());
      background.later("removing expired artifacts", 60_000, async () => {
        await expireArtifacts(store, blobs, now());
        background.every("removing expired artifacts", housekeepingInterval, () =>
          expireArtifacts(store, blobs, now()),
        );
      });
    },

    /** Looks for silent runners now; `start` has it done every second. */
    look,

    /** Waits until nothing is under way in the background. */
    idle: () => background.idle(),

    /** Lets everybody who waits go, and waits for what is under way. The store stays open. */
    async close(): Promise<void> {
      intake.close();
      schedules.close();
      dispatch.close();
      service.close();
      await background.close();
      live.close();
    },
  };
}
