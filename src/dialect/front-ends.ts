import type { Dialect } from "../model/index.ts";
import { actions } from "./actions/index.ts";
import { native } from "./native/index.ts";
import type { DialectFrontEnd } from "./port.ts";
import { woodpecker } from "./woodpecker/index.ts";

/** Every dialect. */
export const frontEnds: ReadonlyMap<Dialect, DialectFrontEnd> = new Map([
  ["actions", actions],
  ["woodpecker", woodpecker],
  ["native", native],
]);
