import * as z from "zod";
import {
  annotationSchema,
  type Diagnostic,
  diagnosticSchema,
  dialects,
  type Event,
  eventSchema,
  exactly,
  parsedJson,
  type Plan,
  type PlannedStep,
  planSchema,
  runStatus,
  type Wait,
  waitSchema,
} from "../../model/index.ts";
import type { JobDetail, WorkflowRow } from "../rows.ts";
import { codec } from "./codec.ts";

/*
 * The kinds of values that the store keeps as JSON. To change one, change its schema and append an upgrade from the
 * previous version. The test that opens data folders of earlier versions must stay green.
 */

export const eventCodec = codec<Event>({
  name: "events",
  // Payloads are large, and JSON.parse only returns JSON.
  schema: eventSchema.extend({ payload: z.record(z.string(), parsedJson) }),
});

export const plansCodec = codec<readonly Plan[]>({ name: "plans", schema: z.array(planSchema) });

export const diagnosticsCodec = codec<readonly Diagnostic[]>({
  name: "diagnostics",
  schema: z.array(diagnosticSchema),
});

export const workflowSchema = exactly<WorkflowRow>()(
  z.object({
    workflow: z.string(),
    name: z.string(),
    runName: z.string().exactOptional(),
    path: z.string().exactOptional(),
    dialect: z.enum(dialects),
    status: runStatus,
  }),
);

export const workflowsCodec = codec<readonly WorkflowRow[]>({ name: "workflows", schema: z.array(workflowSchema) });

const names = z.array(z.string());

export const labelsCodec = codec<readonly string[]>({ name: "labels", schema: names });

export const needsCodec = codec<readonly string[]>({ name: "needs", schema: names });

export const outputsCodec = codec<Readonly<Record<string, string>>>({
  name: "outputs",
  schema: z.record(z.string(), z.string()),
});

export const jobDetailCodec = codec({
  name: "job details",
  schema: exactly<JobDetail>()(
    z.object({
      contexts: z.record(z.string(), parsedJson).exactOptional(),
      timeoutMinutes: z.number().exactOptional(),
    }),
  ),
});

const plannedStep = exactly<PlannedStep>()(
  z.object({ id: z.string(), name: z.string(), needs: z.array(z.number().int()).exactOptional() }),
);

export const plannedCodec = codec<readonly PlannedStep[]>({ name: "planned steps", schema: z.array(plannedStep) });

export const auditCodec = codec({ name: "audit details", schema: parsedJson });

export const annotationCodec = codec({ name: "annotations", schema: annotationSchema });

export const waitCodec = codec<Wait>({ name: "waits", schema: waitSchema });
