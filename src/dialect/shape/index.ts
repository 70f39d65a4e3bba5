/** Describes the structure of a dialect's file, and reports violations with places and advice. */
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
