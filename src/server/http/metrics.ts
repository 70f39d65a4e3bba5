import { version } from "../../model/index.ts";
import type { Services } from "./port.ts";
import type { Shares } from "./shares.ts";

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly values: readonly (readonly [labels: string, value: number])[];
}

/** A shared resource. */
type Places = Pick<Shares, "size" | "refused">;

/** The current values, in Prometheus' text format. */
export async function metrics(
  services: Services,
  shared: { readonly streams: Places; readonly git: Places },
): Promise<string> {
  const { streams, git } = shared;
  const [open, queued, running, runners] = await Promise.all([
    services.store.runs.open(),
    services.store.jobs.queued(),
    services.store.jobs.running(),
    services.control.runners(),
  ]);
  const states = ["pending", "blocked", "running"] as const;
  const online = runners.filter((each) => each.online);
  const all: readonly Metric[] = [
    { name: "sluice_info", help: "The running version.", type: "gauge", values: [[`{version="${version}"}`, 1]] },
    {
      name: "sluice_runs_open",
      help: "Unfinished runs, by state.",
      type: "gauge",
      values: states.map(
        (state) => [`{status="${state}"}`, open.filter((each) => each.status === state).length] as const,
      ),
    },
    { name: "sluice_jobs_queued", help: "Jobs waiting for a runner.", type: "gauge", values: [["", queued.length]] },
    {
      name: "sluice_jobs_queued_oldest_seconds",
      help: "Waiting time of the oldest of them.",
      type: "gauge",
      values: [
        [
          "",
          oldest(
            queued.map((each) => each.queuedAt),
            services.now(),
          ),
        ],
      ],
    },
    {
      name: "sluice_jobs_running",
      help: "Jobs running on a runner.",
      type: "gauge",
      values: [["", running.length]],
    },
    { name: "sluice_runners_online", help: "Online runners.", type: "gauge", values: [["", online.length]] },
    {
      name: "sluice_runner_capacity",
      help: "Jobs they can run at once.",
      type: "gauge",
      values: [["", online.reduce((sum, each) => sum + each.capacity, 0)]],
    },
    {
      name: "sluice_live_streams",
      help: "Open streams of events and logs.",
      type: "gauge",
      values: [["", streams.size]],
    },
    {
      name: "sluice_git_connections",
      help: "Git clients being served.",
      type: "gauge",
      values: [["", git.size]],
    },
    {
      name: "sluice_refused_total",
      help: "Connections refused because a share was used up.",
      type: "counter",
      values: [
        ['{what="streams"}', streams.refused],
        ['{what="git"}', git.refused],
      ],
    },
    {
      name: "sluice_storage_full",
      help: "1 while there is no space to store anything.",
      type: "gauge",
      values: [["", services.control.notices().length]],
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory of the server.",
      type: "gauge",
      values: [["", process.memoryUsage.rss()]],
    },
    {
      name: "process_cpu_seconds_total",
      help: "CPU time of the server.",
      type: "counter",
      values: [["", cpuSeconds()]],
    },
    {
      name: "process_start_time_seconds",
      help: "When the server started, in seconds since 1970.",
      type: "gauge",
      values: [["", Math.round(services.now() / 1000 - process.uptime())]],
    },
  ];
  return all
    .map(
      (metric) =>
        `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n${metric.values.map(([labels, value]) => `${metric.name}${labels} ${value}\n`).join("")}`,
    )
    .join("");
}

function oldest(times: readonly (number | undefined)[], now: number): number {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? 0 : Math.max(0, (now - Math.min(...known)) / 1000);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
