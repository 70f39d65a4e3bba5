/** The one way in which the dialects read YAML: bounded, total, with positions. */
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
