import type { App, AppOptions } from "../app.ts";
import { registerArtifacts } from "./artifacts.ts";
import { registerAudit } from "./audit.ts";
import { registerHealth } from "./health.ts";
import { registerJobs } from "./jobs.ts";
import { registerLive } from "./live.ts";
import { registerLogs } from "./logs.ts";
import { registerRepositories } from "./repositories.ts";
import { registerRunner } from "./runner.ts";
import { registerTransfers } from "./transfers.ts";
import { registerRuns } from "./runs.ts";
import { registerSchedules } from "./schedules.ts";
import { registerSession } from "./session.ts";
import { registerTokens } from "./tokens.ts";

/** All routes except git's and the page's, in the order of the API document. */
export async function registerRoutes(app: App, options: AppOptions): Promise<void> {
  registerSession(app, options);
  registerRepositories(app, options);
  registerRuns(app, options);
  registerJobs(app, options);
  registerLogs(app, options);
  registerArtifacts(app, options);
  registerSchedules(app, options);
  registerLive(app, options);
  registerTokens(app, options);
  registerAudit(app, options);
  await registerRunner(app, options);
  await registerTransfers(app, options);
  registerHealth(app, options);
}
