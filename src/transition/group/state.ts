import * as z from "zod";
import type { GroupState } from "../../engine/index.ts";

const members = z.array(
  z.object({ holder: z.string(), limit: z.number().int().positive(), cancelInProgress: z.boolean() }),
);

/** For reading a stored group back. */
export const groupStateSchema: z.ZodType<GroupState> = z.object({ holders: members, queue: members });
