import { expect } from "vitest";
import { endOfJob } from "../port.ts";
import type { Bed, Case } from "./case.ts";

async function start({ environment, image }: Bed, env: Readonly<Record<string, string>>, signal: AbortSignal) {
  return environment.startService({
    id: "db",
    container: { image, env, ports: [], volumes: [] },
    output: () => undefined,
    signal,
    graceMs: 1_000,
  });
}

/** The services of a job. */
export const serviceCases: readonly Case[] = [
  {
    what: "starts a service, reports what steps can know of it, and ends it when its signal is aborted",
    needs: { services: true },
    check: async (bed) => {
      const controller = new AbortController();
      const { exit, context } = await start(bed, { SLEEP: "1h" }, controller.signal);
      expect(context).toBeTypeOf("object");
      controller.abort(endOfJob);
      expect((await exit).code).toBeTypeOf("number");
    },
  },
  {
    what: "ends services with the job",
    needs: { services: true },
    check: async (bed) => {
      const { exit } = await start(bed, { SLEEP: "1h" }, new AbortController().signal);
      await bed.environment.stop();
      await exit;
    },
  },
  {
    what: "refuses services if it has none",
    needs: { services: false },
    check: async (bed) => {
      await expect(start(bed, {}, new AbortController().signal)).rejects.toMatchObject({
        name: "NotStarted",
        fault: "environment",
      });
    },
  },
];
