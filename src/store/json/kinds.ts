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
  planSchema,
  runStatus,
  type Wait,
  waitSchema,
} from "../../model/index.ts";
import type { WorkflowRow } from "../rows.ts";
import { codec } from "./codec.ts";

/*
 * The kinds of values that the store keeps as JSON. To change one, change its schema and append an upgrade from the
 * version before. The test that opens data folders of earlier versions must stay green.
 */

export const eventCodec = codec<Event>({
  name: "events",
  // Payloads are large, and JSON.parse yields JSON only.
  schema: eventSchema.extend({ payload: z.record(z.string(), parsedJson) }),
});

export const plansCodec = codec<readonly Plan[]>({ name: "plans", schema: z.array(planSchema) });

export const diagnosticsCodec = codec<readonly Diagnostic[]>({
  name: "diagnostics",
  schema: z.array(diagnosticSchema),
});

const workflowSchema = exactly<WorkflowRow>()(
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

export const annotationCodec = codec({ name: "annotations", schema: annotationSchema });

export const waitCodec = codec<Wait>({ name: "waits", schema: waitSchema });
