/** Describes what a dialect's file may look like, and finds what does not fit, with places and advice. */
export { Findings } from "./findings.ts";
export {
  anything,
  either,
  flag,
  headOf,
  integer,
  list,
  number,
  object,
  plain,
  record,
  text,
  textOrList,
  unknownText,
  word,
  type Issue,
  type Report,
  type Shape,
} from "./shape.ts";
export { flagOf, textOf, textsOf } from "./scalars.ts";
