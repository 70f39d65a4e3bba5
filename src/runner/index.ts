/**
 * The runner: leases jobs from a server and runs them with the job room, several at once. `startRunner` works over any
 * `RunnerChannel`: the server's own service in the same process, or `httpChannel` to a remote one.
 */
export { expectBuffers } from "./buffers.ts";
export type * from "./channel.ts";
export {
  type Command,
  type ChildTask,
  type RunnerUser,
  type ChildMessage,
  childMessageSchema,
} from "./child/messages.ts";
export { userName } from "./child/user-name.ts";
export { httpChannel, registerRunner } from "./http/channel.ts";
export { type Runner, type RunnerEvent, type RunnerOptions, startRunner } from "./start.ts";
