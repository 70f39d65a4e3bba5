/** The server's storage: its data folder and database, with their locks, and the secret in the folder. */
export { controlSocket, databaseOf, folders } from "./folders.ts";
export { type SigningKey, signingKey } from "./key.ts";
export { openStorage } from "./open.ts";
