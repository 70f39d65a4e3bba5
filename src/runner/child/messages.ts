import * as z from "zod";

/** The user that a process switches to; root gives up everything else permanently. */
export const userSchema = z.object({
  /** For the group database; absent if only numbers are known. */
  name: z.string().optional(),
  uid: z.number().int().min(1),
  gid: z.number().int().min(0),
  /** The home in the user database; it may be missing or belong to someone else. */
  home: z.string().optional(),
});
export type RunnerUser = z.infer<typeof userSchema>;

const user = userSchema;

/** The first message to the process: its task. */
export const taskSchema = z.discriminatedUnion("type", [
  /** Runs jobs until told to stop, or until the server is gone. */
  z.object({
    type: z.literal("run"),
    user,
    /** The server's address on this machine, and a token that expires with the process. */
    access: z.object({ url: z.string(), token: z.string() }),
    name: z.string(),
    labels: z.array(z.string()),
    capacity: z.number().int().min(1),
    /** Used by this user only: anything in it was left by an earlier process. */
    workRoot: z.string(),
    graceMs: z.number().int().min(0),
  }),
  /** Kills the processes and removes the files that an earlier process of that user left in the folder, and exits. */
  z.object({ type: z.literal("clear"), user, folder: z.string() }),
  /** Reports whether the user can reach the program and these folders, and exits. */
  z.object({ type: z.literal("probe"), user, folders: z.array(z.string()) }),
]);
export type ChildTask = z.infer<typeof taskSchema>;

/** Later messages: check that it is alive, or stop its jobs and exit. */
export const commandSchema = z.object({ type: z.enum(["ping", "stop"]) });
export type Command = z.infer<typeof commandSchema>;

/** Messages from the process. */
export const childMessageSchema = z.discriminatedUnion("type", [
  /** It has switched users and cleaned up leftovers: ready for jobs. Also the last message of `clear` and `probe`. */
  z.object({ type: z.literal("ready"), removed: z.number() }),
  /** It cannot perform its task, and exits. */
  z.object({ type: z.literal("refused"), message: z.string(), help: z.string().optional() }),
  z.object({ type: z.literal("pong") }),
  /** Runner events that matter to an operator. */
  z.object({ type: z.literal("call.failed"), job: z.string(), error: z.string() }),
  z.object({ type: z.literal("server.away"), error: z.string() }),
  z.object({ type: z.literal("job.dropped"), job: z.string(), reason: z.string() }),
]);
export type ChildMessage = z.infer<typeof childMessageSchema>;
