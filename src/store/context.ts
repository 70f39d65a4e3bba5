import type { Kysely } from "kysely";
import type { Flavour } from "./database/flavour.ts";
import type { Database } from "./schema.ts";

/** Shared by the queries of every table. */
export interface StoreContext {
  readonly db: Kysely<Database>;
  readonly flavour: Flavour;
  readonly makeId: () => string;
}
