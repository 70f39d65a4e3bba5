/**
 * The runner: takes jobs from a server under a lease and runs them with the job room, several at once. `startRunner` does
 * it over any `RunnerChannel`: the server's own service in the same process, or `httpChannel` to one elsewhere.
 */
export type * from "./channel.ts";
export { type Command, type Order, type RunnerUser, type Word, wordSchema } from "./child/messages.ts";
export { userName } from "./child/user-name.ts";
export { httpChannel, registerRunner } from "./http/channel.ts";
export { type Runner, type RunnerEvent, type RunnerOptions, startRunner } from "./start.ts";
