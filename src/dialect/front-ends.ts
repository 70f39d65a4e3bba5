import type { Dialect } from "../model/index.ts";
import { actions } from "./actions/index.ts";
import type { DialectFrontEnd } from "./port.ts";

/** Every dialect there is. */
export const frontEnds: ReadonlyMap<Dialect, DialectFrontEnd> = new Map([["actions", actions]]);
