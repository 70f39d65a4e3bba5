import { scheduleRef } from "../../dialect/index.ts";
import type { Event } from "../../model/index.ts";
import type { RunnerChannel } from "../../runner/index.ts";
import type { AuditEntry } from "../../store/index.ts";
import { startChores, tidy } from "./chores.ts";
import type { ControlOptions } from "./options.ts";
import { makeParts } from "./parts.ts";
import type { RunnerRegistration } from "../runners/runners.ts";

export type Control = ReturnType<typeof startControl>;

/** The controllers as seen by the rest of the server. They do nothing by themselves until `start`. */
export function startControl(options: ControlOptions) {
  const parts = makeParts(options);
  const { background, commands, delivery, dispatch, intake, live, notices, queries, reaper, runners, schedules } =
    parts;

  return {
    live,

    /**
     * Stores an event, with an audit entry if someone started it by hand, and returns at once; the run follows. `fresh`
     * is false if the event is already known.
     */
    async accept(
      event: Event,
      repositoryId: string,
      dedupeKey: string,
      audit?: AuditEntry,
    ): Promise<{ readonly id: string; readonly fresh: boolean }> {
      const accepted = await intake.accept(event, repositoryId, dedupeKey, audit);
      if (event.kind === "push" && event.ref === scheduleRef(event.repository)) schedules.lookSoon(repositoryId);
      return accepted;
    },

    /** A visible property of a repository has changed, or its default branch has moved. */
    repositoryChanged(repositoryId: string): void {
      live.publish({ type: "repository", repository: repositoryId });
      // A removed one leaves messages.
      delivery.wake();
      schedules.lookSoon(repositoryId);
    },

    /** Starts workflows at their due times, once its `start` was called: after missed pushes have been found. */
    schedules,

    runs: queries.runs.bind(queries),
    run: queries.run.bind(queries),
    job: queries.job.bind(queries),
    now: async () => ({ ...(await queries.now()), notices: notices.list }),
    notices: () => notices.list,

    /** Reports a failure outside of the controllers: a full disk becomes a notice. */
    reportFailure: (error: unknown): void => notices.report(error),
    runners: () => runners.views(),

    cancelRun: commands.cancelRun.bind(commands),
    cancelJob: commands.cancelJob.bind(commands),
    rerun: commands.rerun.bind(commands),

    registerRunner: (runner: RunnerRegistration) => runners.register(runner),

    /** The service behind every runner's calls, bound to one runner. */
    channelFor: (runnerId: string): RunnerChannel => parts.service.channelFor(runnerId),

    /**
     * The runner's process is certainly gone (it was this server's own): its jobs are lost now, or queued again if it
     * had not begun them.
     */
    releaseRunner: (runnerId: string, reason = "the server stopped while the job ran"): Promise<void> =>
      reaper.release(runnerId, reason),

    /** Resumes pending work, and starts monitoring runners and cleaning up. */
    async start(): Promise<void> {
      // While the database's lock is held, nobody delivers what another server began.
      await delivery.start({ takeOver: options.alone ?? true });
      startChores(options, parts);
    },

    /** Checks for silent runners now; `start` does so every second. */
    async check(): Promise<void> {
      runners.check();
      await reaper.check();
    },

    /** Removes what is old or lost now; `start` has it done again and again. */
    tidy: (): Promise<void> => tidy(options, parts),

    /** Waits until nothing is in progress in the background, and no message is due. */
    async idle(): Promise<void> {
      await delivery.idle();
      await background.idle();
    },

    /** Answers all waiting requests, and waits for work in progress. The store stays open. */
    async close(): Promise<void> {
      schedules.close();
      dispatch.close();
      parts.service.close();
      await delivery.close();
      await background.close();
      await parts.logIntake.note();
      live.close();
      await parts.signals.close();
    },
  };
}
