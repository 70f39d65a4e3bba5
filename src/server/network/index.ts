/** The server's listeners: a network address, and a socket for the command line on the same machine. */
export { Network } from "./network.ts";
