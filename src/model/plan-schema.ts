import * as z from "zod";
import { exactly } from "./exactly.ts";
import { parsedJson } from "./json-schema.ts";
import { type Plan, type StepPlan, dialects, typedSteps } from "./plan.ts";
import type { Template } from "./template.ts";

/*
 * The schema of stored plans. It checks the structure; the evaluator checks what expressions and templates hold.
 */

const at = z.tuple([z.number(), z.number()]).exactOptional();
const expression = z.object({ $expr: z.string(), at });
const text = z.union([z.string(), expression]);
const flag = z.union([z.boolean(), expression]);
const count = z.union([z.number(), expression]);
const template = z.custom<Template>((value) => value !== undefined);
const texts = z.record(z.string(), text);
// Most are records: an alternative that fails before the one that matches is expensive.
const environment = z.union([texts, expression]);
const concurrency = z.object({ group: text, cancelInProgress: flag, limit: z.number() });

const container = z.object({
  image: text,
  env: environment,
  options: text.exactOptional(),
  ports: template.exactOptional(),
  volumes: template.exactOptional(),
  credentials: template.exactOptional(),
});

const action = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run"),
    script: text,
    shell: text.exactOptional(),
    workingDirectory: text.exactOptional(),
    keepsOutput: z.boolean().exactOptional(),
  }),
  z.object({ type: z.literal("uses"), reference: text, with: texts }),
  z.object({
    type: z.literal("container"),
    image: text,
    entrypoint: z.array(text).exactOptional(),
    commands: z.array(text).exactOptional(),
    settings: z.record(z.string(), template).exactOptional(),
    privileged: z.boolean().exactOptional(),
    detach: z.boolean().exactOptional(),
  }),
  z.object({ type: z.literal("wait"), steps: z.union([z.array(z.string()), z.literal("all")]) }),
  z.object({ type: z.literal("cancel"), steps: z.array(z.string()) }),
  z.object({ type: z.literal("typed"), kind: z.enum(typedSteps), config: z.record(z.string(), template) }),
]);

const step = exactly<StepPlan>()(
  z.object({
    id: z.string(),
    name: text.exactOptional(),
    at,
    if: expression.exactOptional(),
    env: environment,
    timeoutMinutes: count.exactOptional(),
    continueOnError: flag.exactOptional(),
    action,
    needs: z.array(z.string()).exactOptional(),
    background: z.boolean().exactOptional(),
  }),
);

const job = z.object({
  id: z.string(),
  name: text.exactOptional(),
  at,
  needs: z.array(z.object({ job: z.string(), required: z.boolean() })),
  if: expression.exactOptional(),
  strategy: z
    .object({ matrix: template.exactOptional(), failFast: flag, maxParallel: count.exactOptional() })
    .exactOptional(),
  runsOn: template,
  container: container.exactOptional(),
  services: z.array(container.extend({ id: z.string(), commands: z.array(text).exactOptional() })),
  env: environment,
  steps: z.array(step),
  outputs: texts,
  timeoutMinutes: count.exactOptional(),
  continueOnError: flag.exactOptional(),
  environment: z.object({ name: text, url: text.exactOptional() }).exactOptional(),
  concurrency: concurrency.exactOptional(),
  permissions: parsedJson.exactOptional(),
  retryLost: z.number().exactOptional(),
});

/** One compiled workflow. */
export const planSchema = exactly<Plan>()(
  z.object({
    version: z.literal(1),
    dialect: z.enum(dialects),
    workflow: z.string(),
    name: z.string(),
    runName: z.string().exactOptional(),
    source: z.object({ path: z.string(), sha: z.string() }),
    needs: z.array(z.object({ workflow: z.string(), required: z.boolean() })),
    env: environment,
    systemEnv: z.record(z.string(), z.string()),
    contexts: z.record(z.string(), parsedJson),
    concurrency: concurrency.exactOptional(),
    permissions: parsedJson.exactOptional(),
    jobs: z.array(job),
  }),
);
