import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../../client/index.ts";
import { loadConfig } from "../../config/index.ts";
import { type Run, type RunDetail, SluiceError, isTerminal, runDetailSchema, runSchema } from "../../model/index.ts";
import { type RunningServer, createLogger, startServer, untilStopped } from "../../server/index.ts";
import * as z from "zod";
import type { DemoOptions } from "../demo.ts";
import type { exitCode } from "../exit.ts";
import { duration, paint, paintState } from "../terminal.ts";
import { commitSample, push } from "./project.ts";

/** How long to wait for the run to appear after the push, and to finish, in milliseconds. */
const appearLimit = 30_000;
const endLimit = 10 * 60_000;

/** Starts a server with embedded defaults, pushes a real commit of the sample project to it, and shows the run. */
export async function demonstrate(options: DemoOptions): Promise<keyof typeof exitCode> {
  const config = await loadConfig(undefined, {
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  });
  const server = await startServer(config, {
    logger: createLogger({ level: "warn", human: true, write: (line) => process.stderr.write(line) }),
    orAsRoot: true,
  });
  let closing = false;
  try {
    say(`Sluice listens on ${server.url} and keeps its data in ${config.data}`);
    if (server.runnerWarning !== undefined) process.stderr.write(`warning: ${server.runnerWarning}\n`);
    const { token, run } = await pushSample(server, join(config.data, "demo", "greeter"));
    say(`Pushed "${run.title}" (${run.sha.slice(0, 8)}) to ${server.url}/git/greeter.git`);

    if (options.once !== true) {
      say(`\n  Watch the run live: ${await server.signInUrl(`/runs/${run.id}`)}`);
      say("  (the link signs in one browser and is valid for 15 minutes)");
      if (server.firstToken !== undefined) say(`  Admin token, shown this once: ${server.firstToken}`);
      say(
        `  Push your own repository: git push ${server.url}/git/<name>.git main   (any user name, the token as password)\n  Press Ctrl-C to stop the server; its data is kept.\n`,
      );
      closing = true;
      await untilStopped(server, (signal) => process.stderr.write(`${signal}: stopping; repeat to stop at once\n`));
      return "success";
    }

    say(`Run ${run.number}: ${server.url}/runs/${run.id}`);
    const ended = await waitForEnd(server, token, run.id);
    report(ended);
    return ended.status === "success" ? "success" : "failure";
  } finally {
    if (!closing) await server.close();
  }
}

async function pushSample(
  server: RunningServer,
  folder: string,
): Promise<{ readonly token: string; readonly run: Run }> {
  const token = server.shortLivedToken("demo", "admin");
  const sha = await commitSample(folder, new Date());
  await push(folder, `${server.url}/git/greeter.git`, token);
  const api = connect({ url: server.url, token });
  const query = { repository: "greeter", limit: 5 };
  const until = Date.now() + appearLimit;
  while (Date.now() < until) {
    const { runs } = await api.read(page, (api, signal) => api.GET("/api/v1/runs", { params: { query }, signal }));
    const run = runs.find((each) => each.sha === sha);
    if (run !== undefined) return { token, run };
    await pause(20);
  }
  throw new SluiceError("unavailable", "The push did not start a run.", {
    help: "Check the server's log, and run `sluice doctor`.",
  });
}

const page = z.object({ runs: z.array(runSchema) });

async function waitForEnd(server: RunningServer, token: string, id: string): Promise<RunDetail> {
  const api = connect({ url: server.url, token });
  const until = Date.now() + endLimit;
  for (;;) {
    const params = { path: { id } };
    const run = await api.read(runDetailSchema, (api, signal) => api.GET("/api/v1/runs/{id}", { params, signal }));
    if (isTerminal(run.status)) return run;
    if (Date.now() > until)
      throw new SluiceError("unavailable", `The run did not finish within ${duration(endLimit)}.`);
    await pause(100);
  }
}

function report(run: RunDetail): void {
  for (const workflow of run.workflows) {
    say(`\n${paintState(workflow.status)} ${paint("bold", workflow.name)} ${paint("dim", workflow.workflow)}`);
    for (const job of run.jobs.filter((each) => each.workflow === workflow.workflow)) {
      const took =
        job.startedAt === undefined || job.finishedAt === undefined
          ? ""
          : ` ${paint("dim", duration(Date.parse(job.finishedAt) - Date.parse(job.startedAt)))}`;
      say(`  ${paintState(job.status)} ${job.name}${took}${job.reason === undefined ? "" : ` ${job.reason}`}`);
      for (const step of job.steps.filter((each) => each.status === "failure"))
        say(
          `      ${paintState(step.allowed ? "allowed" : step.status)} ${step.name}${step.reason === undefined ? "" : `: ${step.reason}`}`,
        );
    }
  }
  const took =
    run.finishedAt === undefined ? "" : ` in ${duration(Date.parse(run.finishedAt) - Date.parse(run.createdAt))}`;
  say(`\n${paintState(run.status)} run ${run.number}${took}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
