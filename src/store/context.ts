import type { Kysely } from "kysely";
import type { SluiceError } from "../model/index.ts";
import type { Flavour } from "./database/flavour.ts";
import type { Database } from "./schema.ts";

/** Shared by the queries of every table. */
export interface StoreContext {
  readonly db: Kysely<Database>;
  readonly flavour: Flavour;
  readonly makeId: () => string;
  /** Hears of rows that are left out because their JSON is unreadable. */
  readonly report: (error: SluiceError) => void;
}
