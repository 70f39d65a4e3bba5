import { evaluateText, type Contexts, type ExpressionFunctions } from "../expression/index.ts";
import type { Assignment } from "../model/index.ts";
import type { Backend } from "./backend/port.ts";

/** Why the backend cannot run the job, known before any step; undefined if it can. */
export function refusalOf(
  { plan, job }: Assignment,
  { name, capabilities }: Backend,
  contexts: Contexts,
  functions: ExpressionFunctions,
): string | undefined {
  // An image that evaluates to empty means none, as on GitHub.
  const image = (container: { readonly image: Parameters<typeof evaluateText>[0] }): string =>
    evaluateText(container.image, contexts, functions).trim();
  const at = job.at === undefined ? "" : ` at ${plan.source.path}:${job.at.join(":")}`;
  const help = `The ${name} backend runs steps directly on the machine and has no containers (workflow-unsupported). Run it on a backend with containers, or remove it.`;
  const { container, services } = job;
  if (!capabilities.images && container !== undefined && image(container) !== "")
    return `The job${at} needs the container ${image(container)}. ${help}`;
  const service = capabilities.services ? undefined : services.find((each) => image(each) !== "");
  return service === undefined
    ? undefined
    : `The job${at} needs the service ${service.id} (${image(service)}). ${help}`;
}
