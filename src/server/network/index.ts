/** What the server listens on: a network address, and a socket for the command line of the same machine. */
export { Network } from "./network.ts";
