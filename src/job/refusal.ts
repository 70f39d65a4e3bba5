import { evaluateText } from "../expression/index.ts";
import { contextsFor } from "./contexts.ts";
import type { JobRun } from "./state.ts";

/** Why the backend cannot run the job, known before any step; undefined when it can. */
export function refusalOf(job: JobRun): string | undefined {
  if (job.ports.backend === "dummy") return undefined;
  const contexts = contextsFor(job.frame, job.env, {});
  // An image that is empty after evaluation means none, as on GitHub.
  const image = (container: { readonly image: Parameters<typeof evaluateText>[0] }): string =>
    evaluateText(container.image, contexts, job.functions).trim();
  const { container, services } = job.assignment.job;
  const { plan, job: planned } = job.assignment;
  const at = planned.at === undefined ? "" : ` at ${plan.source.path}:${planned.at.join(":")}`;
  const help =
    "The host backend runs steps directly on the machine and has no containers (workflow-unsupported). Run it on a backend with containers, or take it out.";
  if (container !== undefined && image(container) !== "")
    return `The job${at} asks for the container ${image(container)}. ${help}`;
  const service = services.find((each) => image(each) !== "");
  return service === undefined
    ? undefined
    : `The job${at} asks for the service ${service.id} (${image(service)}). ${help}`;
}
