import { randomBytes } from "node:crypto";
import { mayPass } from "../../forge/index.ts";
import { makeId, messageOf } from "../../model/index.ts";
import { Delivery, Grants, Groups, openSignals, Resumption, Runs } from "../../transition/index.ts";
import { Assignments } from "../runners/assignments.ts";
import { Background } from "./background.ts";
import { RunnerService } from "../runners/channel.ts";
import { RunCommands } from "../runs/commands.ts";
import { Dispatch } from "../runners/dispatch.ts";
import { Intake } from "../runs/intake.ts";
import { Leases } from "../runners/leases.ts";
import { defaultLimits } from "./limits.ts";
import { LiveHub } from "../live/hub.ts";
import { LogIntake } from "../runners/logs.ts";
import { LogSizes } from "../runs/log-sizes.ts";
import { Notices } from "../live/notices.ts";
import type { ControlOptions } from "./options.ts";
import { Outcomes } from "../runs/outcomes.ts";
import { Queries } from "../views/queries.ts";
import { Reaper } from "../runners/reaper.ts";
import { Reports } from "../runners/reports.ts";
import { Retention } from "../storage/retention.ts";
import { Runners } from "../runners/runners.ts";
import { ScheduleService } from "../schedules/schedules.ts";
import { Sweep } from "../storage/sweep.ts";
import { Transfers } from "../runners/transfers.ts";

/** How much longer than the silence limit a runner counts as online, in milliseconds. */
const onlineMargin = 12_000;

export type Parts = ReturnType<typeof makeParts>;

/**
 * Creates the controllers and connects them: to each other, to the signals of commits, and to the messages of their
 * topics.
 */
export function makeParts(options: ControlOptions) {
  const { store, blobs, logs, now, logger } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const makeIdNow = (): string => makeId(now(), randomBytes(16));
  const signals = openSignals(store.channel, logger);
  const live = new LiveHub(signals, now());
  const notices = new Notices({ now, storage: options.storage, changed: () => live.publish({ type: "notice" }) });
  const failed = (error: unknown): void => notices.report(error);
  const background = new Background(logger, failed);
  const start = (what: string, work: () => Promise<unknown>): void => background.start(what, work);

  const runs = new Runs({ store, signals, now, makeId: makeIdNow, alone: options.alone ?? true });
  const leases = new Leases({ store, logs, runs, now });
  const logIntake = new LogIntake({ store, logs, live, leases, limits, now });
  const reports = new Reports({ store, runs, logs: logIntake, limits });
  const transfers = new Transfers({ store, blobs, runs, live, limits, now, makeId: makeIdNow });
  const runners = new Runners({
    store,
    live,
    now,
    makeId: makeIdNow,
    silence: limits.silence + onlineMargin,
    most: limits.runners,
    start,
  });
  const monotonic = options.monotonic ?? (() => performance.now());
  const { silence, overtime } = limits;
  const reaper = new Reaper({
    store,
    leases,
    monotonic,
    silence,
    overtime,
    failed: (error) => logger.error({ error: messageOf(error) }, "cannot end a job"),
  });
  const dispatch = new Dispatch({
    store,
    runs,
    leases,
    assignments: new Assignments({ store, runs, baseUrl: options.baseUrl, forges: options.forges }),
    signals,
    now,
    lookAgain: limits.lookAgain,
    failed: (error) => logger.error({ error: messageOf(error) }, "cannot assign a job"),
  });
  const service = new RunnerService({
    store,
    dispatch,
    leases,
    signals,
    reports,
    logs: logIntake,
    transfers,
    runners,
    limits,
    now,
    onFailure: failed,
    beats: (job) => reaper.heard(job),
  });
  const intake = new Intake(options, { runs, signals, makeId: makeIdNow });
  const schedules = new ScheduleService(options, { intake, live, limits, background });

  const delivery = new Delivery({
    store,
    signals,
    now,
    logger,
    holder: makeIdNow(),
    failed,
    mayPass,
    ...(limits.retryScale === undefined ? {} : { scale: limits.retryScale }),
  });
  const wake = (): void => signals.send({ type: "messages" });
  const retention = new Retention({ store, logs, blobs, limits, now, wake });
  const sweep = new Sweep({ store, blobs, logs, now, writing: (blob) => transfers.writing(blob) });
  const receivers = [
    intake,
    new Groups({ store, signals }),
    new Grants({ store, runs }),
    new Resumption({ store, runs }),
    logIntake,
    new LogSizes({ store, logs }),
    new Outcomes({ retention }),
    retention,
  ];
  for (const receiver of receivers) receiver.register(delivery);

  return {
    background,
    commands: new RunCommands({ store, runs, now }),
    delivery,
    dispatch,
    intake,
    limits,
    live,
    logIntake,
    notices,
    queries: new Queries({ store, runners, now }),
    reaper,
    retention,
    runners,
    sweep,
    schedules,
    service,
    signals,
  };
}
