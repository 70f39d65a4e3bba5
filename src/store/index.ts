/**
 * Sluice's persistent state. `openStore` opens the database (SQLite or PostgreSQL, the same queries), `openLogs` the
 * logs of steps, `openBlobs` artifacts and caches, and `lockData` and `lockDatabase` keep a second server off the data
 * folder and the database.
 */
export { checkSpace } from "./disk.ts";
export { type Blobs, openBlobs } from "./blobs.ts";
export { type Channel, channelBytes } from "./channel.ts";
export { type Codec, codec, isUnreadable } from "./json/codec.ts";
export { workflowSchema } from "./json/kinds.ts";
export { lockDatabase } from "./database/lock.ts";
export { type LogOptions, type OpenedLogs, openLogs } from "./logs/open.ts";
export { type DataLock, lockData } from "./lock.ts";
export { openStore, type StoreOptions } from "./open.ts";
export type * from "./logs/port.ts";
export type * from "./newest.ts";
export type * from "./port.ts";
export type * from "./rows.ts";
