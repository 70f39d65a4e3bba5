import { SluiceError } from "../model/index.ts";
import type { JobRun } from "./state.ts";

/**
 * @param what a clause saying what needs containers. @throws SluiceError `workflow-unsupported` if the backend has
 * none.
 */
export function requireImages(job: JobRun, what: string): void {
  const { backend } = job.ports;
  if (backend.capabilities.images) return;
  throw new SluiceError("workflow-unsupported", `${what}, and the ${backend.name} backend has no containers.`, {
    help: "Use a backend with containers, or run the program with `run:`.",
  });
}
