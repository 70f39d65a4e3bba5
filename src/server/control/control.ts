import { scheduleRef } from "../../dialect/index.ts";
import type { Event } from "../../model/index.ts";
import type { RunnerChannel } from "../../runner/index.ts";
import type { AuditEntry } from "../../store/index.ts";
import { startChores } from "./chores.ts";
import type { ControlOptions } from "./options.ts";
import { makeParts } from "./parts.ts";
import type { RunnerRegistration } from "./runners.ts";

export type Control = ReturnType<typeof startControl>;

/** The controllers as the rest of the server sees them. They do nothing by themselves until `start`. */
export function startControl(options: ControlOptions) {
  const parts = makeParts(options);
  const { background, commands, delivery, dispatch, intake, live, notices, queries, reaper, runners, schedules } =
    parts;

  return {
    live,

    /** Stores an event, with an audit entry where somebody started it by hand, and answers at once; the run follows. `fresh` is false when the event is known already. */
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
    trouble: (error: unknown): void => notices.report(error),
    runners: () => runners.views(),

    cancelRun: commands.cancelRun.bind(commands),
    cancelJob: commands.cancelJob.bind(commands),
    rerun: commands.rerun.bind(commands),

    registerRunner: (runner: RunnerRegistration) => runners.register(runner),

    /** The service behind every runner's calls, bound to one runner. */
    channelFor: (runnerId: string): RunnerChannel => parts.service.channelFor(runnerId),

    /** The runner's process is gone for certain (it was this server's own): its jobs are lost now, or queued again when it had not begun them. */
    releaseRunner: (runnerId: string, reason = "the server stopped while the job ran"): Promise<void> =>
      reaper.release(runnerId, reason),

    /** Goes on with what was under way, and begins to watch runners and to tidy up. */
    async start(): Promise<void> {
      // One server at a time has the database (its lock is held): what another began, nobody delivers any more.
      await delivery.start({ takeOver: true });
      startChores(options, parts);
    },

    /** Looks for silent runners now; `start` has it done every second. */
    async look(): Promise<void> {
      runners.look();
      await reaper.look();
    },

    /** Waits until nothing is under way in the background, and no message is due. */
    async idle(): Promise<void> {
      await delivery.idle();
      await background.idle();
    },

    /** Lets everybody who waits go, and waits for what is under way. The store stays open. */
    async close(): Promise<void> {
      schedules.close();
      dispatch.close();
      parts.service.close();
      await delivery.close();
      await background.close();
      await parts.logIntake.note();
      live.close();
    },
  };
}
