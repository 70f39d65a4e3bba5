/** The only YAML reader of the dialects: bounded, total, with positions. */
export { makeDiagnostic, YamlDocument, type Finding, type Range, type Spanned } from "./document.ts";
export {
  entryOf,
  isNothing,
  toJson,
  type YamlEntry,
  type YamlMapping,
  type YamlNode,
  type YamlScalar,
} from "./node.ts";
export { readYaml } from "./read.ts";
