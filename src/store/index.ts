/**
 * What Sluice remembers. `openStore` opens the database (SQLite or PostgreSQL, the same queries), `openLogs` the logs
 * of steps, `openBlobs` artifacts and caches, and `lockData` keeps a second server off the data folder.
 */
export { openBlobs } from "./blobs.ts";
export { type LogOptions, type OpenedLogs, openLogs } from "./logs/open.ts";
export { type DataLock, lockData } from "./lock.ts";
export { openStore, type StoreOptions } from "./open.ts";
export type * from "./port.ts";
