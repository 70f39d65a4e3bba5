import * as z from "zod";

/** Whom a process becomes: root gives up everything else, for good. */
export const userSchema = z.object({
  /** For the group database; absent where only numbers are known. */
  name: z.string().optional(),
  uid: z.number().int().min(1),
  gid: z.number().int().min(0),
  /** The home that the user database names, which may be missing or not the user's. */
  home: z.string().optional(),
});
export type RunnerUser = z.infer<typeof userSchema>;

const user = userSchema;

/** The first message to the process: what it is for. */
export const orderSchema = z.discriminatedUnion("type", [
  /** Runs jobs until it is told to stop, or the server is gone. */
  z.object({
    type: z.literal("run"),
    user,
    /** The server's address on this machine, and a token that ends with the process. */
    access: z.object({ url: z.string(), token: z.string() }),
    name: z.string(),
    labels: z.array(z.string()),
    capacity: z.number().int().min(1),
    /** The user's own, and nobody else's: whatever is in it was left by an earlier process. */
    workRoot: z.string(),
    graceMs: z.number().int().min(0),
  }),
  /** Ends the processes and removes the files that an earlier one of that user left in the folder, and ends. */
  z.object({ type: z.literal("clear"), user, folder: z.string() }),
  /** Says whether the user reaches the program and these folders, and ends. */
  z.object({ type: z.literal("probe"), user, folders: z.array(z.string()) }),
]);
export type Order = z.infer<typeof orderSchema>;

/** What may follow: a question whether it lives, and the word to stop its jobs and end. */
export const commandSchema = z.object({ type: z.enum(["ping", "stop"]) });
export type Command = z.infer<typeof commandSchema>;

/** What the process says. */
export const wordSchema = z.discriminatedUnion("type", [
  /** It is the other user now and has cleared away what was left: jobs may come. Also the last word of `clear` and `probe`. */
  z.object({ type: z.literal("ready"), removed: z.number() }),
  /** It cannot do what it is for, and ends. */
  z.object({ type: z.literal("refused"), message: z.string(), help: z.string().optional() }),
  z.object({ type: z.literal("pong") }),
  /** Of the runner's events, those that an operator wants to know of. */
  z.object({ type: z.literal("call.failed"), job: z.string(), error: z.string() }),
  z.object({ type: z.literal("server.away"), error: z.string() }),
  z.object({ type: z.literal("job.dropped"), job: z.string(), reason: z.string() }),
]);
export type Word = z.infer<typeof wordSchema>;
