/**
 * The HTTP API as its clients see it: types generated from the server's OpenAPI document (`schema.ts`, which the page
 * uses too), and a connection that turns every failure into a SluiceError.
 */
export { connect, type Connection, type HttpAccess } from "./connect.ts";
export { throughSocket } from "./socket.ts";
export { binary, Upload } from "./upload.ts";
