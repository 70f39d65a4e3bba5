import type { BackendOptions } from "../options.ts";
import type { Backend } from "../port.ts";
import { HostEnvironment, hostCapabilities } from "./environment.ts";
import { sweepWorkRoot } from "./folders.ts";
import { pipesIn } from "./pipes.ts";

/** Runs steps as processes of this machine, below a work folder. */
export function hostBackend({ workRoot }: BackendOptions): Backend {
  const pipes = pipesIn(workRoot);
  return {
    name: "host",
    capabilities: hostCapabilities,
    prepare: () => pipes.prepare(),
    open: async () => {
      pipes.prepare();
      return HostEnvironment.open(workRoot, pipes);
    },
    sweep: (report) => sweepWorkRoot(workRoot, report === undefined ? {} : { onLeft: report }),
  };
}
