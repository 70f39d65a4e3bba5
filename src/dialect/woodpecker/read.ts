import { entryOf, isNothing, type Spanned, type YamlEntry, type YamlNode } from "../yaml/index.ts";
import { flagOf, headOf, textOf, textsOf } from "../shape/index.ts";
import { readWhen } from "./when.ts";
import type { Container, Dependency, Variable, Workflow } from "./workflow.ts";

/** Reads a file that fits its shape; ignores what does not. */
export function readWorkflow(root: YamlNode): Workflow {
  const at = (key: string): YamlNode | undefined => entryOf(root, key)?.value;
  const clone = at("clone");
  const workspace = entryOf(root, "workspace")?.keyNode;
  const limit = readConcurrency(at("concurrency"));
  const cloneSteps = clone === undefined ? [] : readContainers(clone);
  return {
    when: readWhen(at("when")),
    ...(cloneSteps.length === 0 ? {} : { clone: cloneSteps }),
    skipClone: flagOf(at("skip_clone"), false),
    steps: readContainers(at("steps")),
    services: readContainers(at("services")),
    labels: entriesOf(at("labels")).map(({ key, keyNode, value }) => ({ key, value: textOf(value), span: keyNode })),
    dependsOn: readDependencies(at("depends_on")) ?? [],
    ...(limit === undefined ? {} : { concurrency: limit }),
    runsOn: textsOf(at("runs_on")),
    ...(workspace === undefined ? {} : { workspace }),
  };
}

/** By name or as a list; a list entry without a name is named by its index, as in Woodpecker. */
function readContainers(node: YamlNode | undefined): readonly Container[] {
  if (node?.kind === "sequence")
    return node.items
      .filter((each) => each.kind === "mapping")
      .map((each, index) => readContainer(each, `step-${index}`, headOf(each)));
  return entriesOf(node)
    .filter(({ value }) => value.kind === "mapping")
    .map(({ key, keyNode, value }) => readContainer(value, key, keyNode));
}

function readContainer(node: YamlNode, otherwise: string, place: Spanned): Container {
  const at = (key: string): YamlNode | undefined => entryOf(node, key)?.value;
  const name = textOf(at("name"));
  const dependsOn = readDependencies(at("depends_on"));
  return {
    name: name === "" ? otherwise : name,
    span: name === "" ? place : (at("name") ?? place),
    image: textOf(at("image")),
    commands: textsOf(at("commands")),
    commandSpans: commandSpans(at("commands")),
    entrypoint: textsOf(at("entrypoint")),
    environment: readVariables(at("environment")),
    settings: readVariables(at("settings")),
    when: readWhen(at("when")),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    failure: textOf(at("failure")) || "fail",
    detach: flagOf(at("detach"), false),
    privileged: flagOf(at("privileged"), false),
    directory: textOf(at("directory")),
    volumes: textsOf(at("volumes")),
    ports: textsOf(at("ports")),
    keys: new Map(entriesOf(node).map(({ key, keyNode }) => [key, keyNode])),
  };
}

function readDependencies(node: YamlNode | undefined): readonly Dependency[] | undefined {
  if (node === undefined || node.kind === "mapping" || isNothing(node)) return undefined;
  return (node.kind === "sequence" ? node.items : [node]).map((each) => {
    if (each.kind !== "mapping") return { name: textOf(each), optional: false, span: each };
    const name = entryOf(each, "name")?.value ?? each;
    return { name: textOf(name), optional: flagOf(entryOf(each, "optional")?.value, false), span: name };
  });
}

/** A mapping, or the older list of `NAME=value`. */
function readVariables(node: YamlNode | undefined): readonly Variable[] {
  if (node?.kind !== "sequence")
    return entriesOf(node).map(({ key, keyNode, value }) => ({ name: key, value, span: keyNode }));
  return node.items.map((item) => {
    const [, name = "", value = ""] = /^([^=]*)=?([^]*)$/.exec(textOf(item)) ?? [];
    return { name, value: { kind: "scalar", value, source: value, start: item.start, end: item.end }, span: item };
  });
}

function commandSpans(node: YamlNode | undefined): readonly Spanned[] {
  if (node === undefined) return [];
  return node.kind === "sequence" ? node.items : [node];
}

function readConcurrency(node: YamlNode | undefined): Workflow["concurrency"] {
  const limit = Number(textOf(node?.kind === "mapping" ? entryOf(node, "limit")?.value : node));
  if (!Number.isInteger(limit) || limit < 1) return undefined;
  return { limit, group: textOf(entryOf(node, "group")?.value) };
}

function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.kind === "mapping" ? node.entries : [];
}
