import { flagOf, textOf, textsOf } from "../shape/index.ts";
import { entryOf, isNothing, type Spanned, type YamlNode } from "../yaml/index.ts";
import { readCondition } from "./evaluate/index.ts";
import { compileGlob, matchGlob, type Glob, type Work } from "../pattern/index.ts";
import { isPullRequest, type Metadata } from "./metadata.ts";

/** One entry of a `when`: all of its filters must match. */
export interface Condition {
  readonly span: Spanned;
  readonly event: Filter;
  readonly repo: Filter;
  readonly branch: Filter;
  readonly ref: Filter;
  readonly tag: Filter;
  readonly cron: Filter;
  readonly platform: Filter;
  readonly instance: Filter;
  readonly path: PathFilter;
  readonly matrix: MatrixFilter;
  readonly status: readonly string[];
  readonly local: boolean;
  readonly evaluate?: { readonly source: string; readonly span: Spanned };
}

/** Patterns with their places. */
export interface Filter {
  readonly include: readonly Pattern[];
  readonly exclude: readonly Pattern[];
}

export interface Pattern {
  readonly pattern: string;
  readonly span: Spanned;
  /** Undefined if the pattern is malformed. */
  readonly glob: Glob | undefined;
}

interface PathFilter extends Filter {
  readonly ignoreMessage: string;
  readonly onEmpty: boolean;
}

interface MatrixFilter {
  readonly include: readonly (readonly [name: string, pattern: string])[];
  readonly exclude: readonly (readonly [name: string, pattern: string])[];
}

/** What a condition is compared with. */
export interface Situation {
  readonly metadata: Metadata;
  readonly matrix: ReadonlyMap<string, string>;
  readonly platform: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly work: Work;
}

/** Reads `when:`, one condition or a list of them. */
export function readWhen(node: YamlNode | undefined): readonly Condition[] {
  if (node === undefined) return [];
  return (node.kind === "sequence" ? node.items : [node]).filter((each) => each.kind === "mapping").map(readOne);
}

function readOne(node: YamlNode): Condition {
  const filter = (key: string): Filter => readFilter(entryOf(node, key)?.value);
  const path = entryOf(node, "path")?.value;
  const evaluate = entryOf(node, "evaluate")?.value;
  return {
    span: node,
    event: filter("event"),
    repo: filter("repo"),
    branch: filter("branch"),
    ref: filter("ref"),
    tag: filter("tag"),
    cron: filter("cron"),
    platform: filter("platform"),
    instance: filter("instance"),
    path: {
      ...readFilter(path),
      ignoreMessage: textOf(entryOf(path, "ignore_message")?.value),
      onEmpty: flagOf(entryOf(path, "on_empty")?.value, true),
    },
    matrix: readMatrix(entryOf(node, "matrix")?.value),
    status: textsOf(entryOf(node, "status")?.value),
    local: flagOf(entryOf(node, "local")?.value, true),
    ...(evaluate === undefined ? {} : { evaluate: { source: textOf(evaluate), span: evaluate } }),
  };
}

function readFilter(node: YamlNode | undefined): Filter {
  if (node?.kind === "mapping")
    return { include: patterns(entryOf(node, "include")?.value), exclude: patterns(entryOf(node, "exclude")?.value) };
  return { include: patterns(node), exclude: [] };
}

function patterns(node: YamlNode | undefined): readonly Pattern[] {
  // A key without a value filters nothing.
  if (node === undefined || node.kind === "mapping" || isNothing(node)) return [];
  return (node.kind === "sequence" ? node.items : [node]).map((each) => ({
    pattern: textOf(each),
    span: each,
    glob: compileGlob(textOf(each)),
  }));
}

function pairs(from: YamlNode | undefined): [name: string, pattern: string][] {
  if (from?.kind !== "mapping") return [];
  return from.entries.filter((entry) => entry.value.kind === "scalar").map((entry) => [entry.key, textOf(entry.value)]);
}

function readMatrix(node: YamlNode | undefined): MatrixFilter {
  return {
    include: [...pairs(node), ...pairs(entryOf(node, "include")?.value)],
    exclude: pairs(entryOf(node, "exclude")?.value),
  };
}

/**
 * Whether the condition holds, ignoring its `status`. `matrix` only counts for steps. Throws a ConditionProblem if
 * `evaluate` fails.
 */
export function holds(condition: Condition, situation: Situation, level: "workflow" | "step"): boolean {
  const { metadata, work } = situation;
  const { event } = metadata;
  if (level === "step" && !matrixHolds(condition.matrix, situation.matrix, work)) return false;
  if (
    !listHolds(condition.event, event, work) ||
    !listHolds(condition.repo, metadata.repository, work) ||
    !listHolds(condition.ref, metadata.ref, work)
  )
    return false;
  if (
    !listHolds(condition.platform, situation.platform, work) ||
    !listHolds(condition.instance, metadata.instance, work)
  )
    return false;
  if ((event === "push" || isPullRequest(event)) && !pathHolds(condition.path, metadata, work)) return false;
  if (event !== "tag" && !listHolds(condition.branch, metadata.branch, work)) return false;
  if (event === "tag" && !listHolds(condition.tag, metadata.tag, work)) return false;
  if (event === "cron" && !cronHolds(condition.cron, metadata.cron, work)) return false;
  return condition.evaluate === undefined || readCondition(condition.evaluate.source)(situation.variables, work);
}

/** The conditions that hold; an empty `when` always holds. Undefined if none of several holds. */
export function matching(
  when: readonly Condition[],
  situation: Situation,
  level: "workflow" | "step",
): readonly Condition[] | undefined {
  if (when.length === 0) return [];
  const found = when.filter((condition) => holds(condition, situation, level));
  return found.length === 0 ? undefined : found;
}

/**
 * The required status as an expression; the default is success. A condition without `status` means success, so
 * `failure` alone results only if all conditions ask for it.
 */
export function statusCondition(found: readonly Condition[]): "success" | "failure" | "both" | "never" {
  const success = found.length === 0 || found.some(({ status }) => status.length === 0 || status.includes("success"));
  const failure = found.some(({ status }) => status.includes("failure"));
  if (success) return failure ? "both" : "success";
  return failure ? "failure" : "never";
}

function listHolds({ include, exclude }: Filter, text: string, work: Work): boolean {
  return !anyMatches(exclude, text, work) && (include.length === 0 || anyMatches(include, text, work));
}

/**
 * A filter that is a cron line means exactly that line; as a pattern, `* * * * *` would match almost every other line
 * too.
 */
function cronHolds({ include, exclude }: Filter, text: string, work: Work): boolean {
  const matches = ({ pattern, glob }: Pattern): boolean =>
    isCronLine(pattern) ? pattern.trim() === text : (glob?.(text, work) ?? false);
  return !exclude.some(matches) && (include.length === 0 || include.some(matches));
}

/** Five fields, or a nickname: no name of a schedule looks like that. */
export function isCronLine(text: string): boolean {
  return /^(?:@[a-z]+|[\d*][\d*/,-]*(?:[ \t]+[\dA-Za-z*?][\dA-Za-z*?/,#-]*){4})$/.test(text.trim());
}

function anyMatches(list: readonly Pattern[], text: string, work: Work): boolean {
  return list.some(({ glob }) => glob?.(text, work) ?? false);
}

/** Included if any changed file is, excluded if all of them are. Unknown changes match. */
function pathHolds(
  { include, exclude, ignoreMessage, onEmpty }: PathFilter,
  { changedFiles, message }: Metadata,
  work: Work,
): boolean {
  if (include.length === 0 && exclude.length === 0 && onEmpty) return true;
  if (ignoreMessage !== "") work.spend(message.length);
  if (ignoreMessage !== "" && message.toLowerCase().includes(ignoreMessage.toLowerCase())) return true;
  if (changedFiles === undefined) return true;
  if (changedFiles.length === 0) return onEmpty;
  if (exclude.length > 0 && changedFiles.every((file) => anyMatches(exclude, file, work))) return false;
  return include.length === 0 || changedFiles.some((file) => anyMatches(include, file, work));
}

function matrixHolds({ include, exclude }: MatrixFilter, matrix: ReadonlyMap<string, string>, work: Work): boolean {
  const fits = ([name, pattern]: readonly [string, string]): boolean =>
    matchGlob(pattern, matrix.get(name) ?? "", work);
  if (exclude.length > 0 && exclude.every(fits)) return false;
  return include.every(fits);
}
