import * as z from "zod";

/** One finding in a workflow file. Lines and columns count from 1; the end is exclusive. */
export const diagnosticSchema = z.object({
  file: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  endLine: z.number().int().positive(),
  endColumn: z.number().int().positive(),
  severity: z.enum(["error", "warning"]),
  /** A stable code from the table in `codes.ts`. */
  code: z.string(),
  message: z.string(),
  /** How to fix it. */
  help: z.string(),
});

export type Diagnostic = z.infer<typeof diagnosticSchema>;
