import { join } from "node:path";
import { parseDocument } from "yaml";
import * as z from "zod";
import { SluiceError, type StepPlan, type Text } from "../../model/index.ts";
import type { Files } from "../backend/files.ts";
import { stepOf, stepSchema } from "./manifest-steps.ts";
import { bare, scalar, textOf, texts } from "./manifest-texts.ts";

/**
 * The content of an action's `action.yml`.
 * https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax
 */
export interface Manifest {
  readonly name: string;
  /** Defaults by input name; absent if there is none. */
  readonly inputs: Readonly<Record<string, Text | undefined>>;
  /** Deprecation messages by input name. */
  readonly deprecated: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, Text | undefined>>;
  readonly runs: CompositeRuns | JavaScriptRuns | DockerRuns;
}

export interface CompositeRuns {
  readonly type: "composite";
  readonly steps: readonly StepPlan[];
}

export interface JavaScriptRuns {
  readonly type: "javascript";
  readonly main: string;
  readonly pre?: string;
  readonly preIf?: string;
  readonly post?: string;
  readonly postIf?: string;
}

export interface DockerRuns {
  readonly type: "docker";
  /** `docker://` and a reference, or a Dockerfile of the action. */
  readonly image: string;
  readonly entrypoint?: string;
  readonly args: readonly Text[];
  readonly env: Readonly<Record<string, Text>>;
  readonly pre?: string;
  readonly preIf?: string;
  readonly post?: string;
  readonly postIf?: string;
}

const largest = 512 * 1024;
const schema = z.object({
  name: scalar.optional(),
  inputs: z
    .record(z.string(), z.object({ default: scalar.optional(), deprecationMessage: scalar.optional() }).nullish())
    .nullish(),
  outputs: z.record(z.string(), z.object({ value: scalar.optional() }).nullish()).nullish(),
  runs: z.object({
    using: z.string(),
    main: z.string().optional(),
    pre: z.string().optional(),
    "pre-if": scalar.optional(),
    post: z.string().optional(),
    "post-if": scalar.optional(),
    steps: z.array(stepSchema).nullish(),
    image: z.string().optional(),
    entrypoint: z.string().optional(),
    "pre-entrypoint": z.string().optional(),
    "post-entrypoint": z.string().optional(),
    args: z.array(scalar).nullish(),
    env: texts,
  }),
});

/**
 * Reads the action in a folder; undefined if there is none. A folder with only a Dockerfile is an action, too.
 * @param place the folder's display name, for messages.
 * @throws SluiceError `workflow-schema` or `yaml-syntax` if its file is invalid.
 */
export async function readManifest(files: Files, folder: string, place: string): Promise<Manifest | undefined> {
  const names = ["action.yml", "action.yaml", "Dockerfile"];
  const found = await files.read(
    names.map((name) => join(folder, name)),
    { mostBytes: largest, follow: true },
  );
  const index = found.findIndex((each) => each !== undefined);
  const name = names[index];
  if (name === undefined) return undefined;
  if (name === "Dockerfile")
    return { name: place, inputs: {}, deprecated: {}, outputs: {}, runs: dockerRuns({ image: name }, name) };
  const file = join(place, name);
  const content = found[index]?.content;
  if (content === undefined) throw new SluiceError("yaml-too-large", `${file} is larger than ${largest} bytes.`);
  const parsed = schema.safeParse(readYaml(content.toString("utf8"), file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SluiceError(
      "workflow-schema",
      `${file} is not an action: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
    );
  }
  return manifestOf(parsed.data, file);
}

function readYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw new SluiceError("yaml-syntax", `${file}: ${error.message}`);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new SluiceError("yaml-too-large", `${file} uses too many aliases.`, { cause });
  }
}

function manifestOf(data: z.infer<typeof schema>, file: string): Manifest {
  const at = (text: string | undefined): Text | undefined => (text === undefined ? undefined : textOf(text, file));
  return {
    name: data.name ?? file,
    inputs: Object.fromEntries(Object.entries(data.inputs ?? {}).map(([name, input]) => [name, at(input?.default)])),
    deprecated: Object.fromEntries(
      Object.entries(data.inputs ?? {}).flatMap(([name, input]) =>
        input?.deprecationMessage === undefined ? [] : [[name, input.deprecationMessage]],
      ),
    ),
    outputs: Object.fromEntries(Object.entries(data.outputs ?? {}).map(([name, output]) => [name, at(output?.value)])),
    runs: runsOf(data.runs, file),
  };
}

function runsOf(runs: Runs, file: string): Manifest["runs"] {
  const using = runs.using.toLowerCase();
  if (using === "docker") return dockerRuns(runs, file);
  if (using === "composite") {
    if (runs.steps === undefined || runs.steps === null)
      throw new SluiceError("workflow-schema", `${file}: \`runs.steps\` is missing.`, {
        help: "Add `steps:` with the steps of the action.",
      });
    return { type: "composite", steps: runs.steps.map((step, index) => stepOf(step, index, file)) };
  }
  // Old versions name interpreters that no longer exist; their programs run on the available Node.
  if (!/^node\d+$/.test(using))
    throw new SluiceError("workflow-unsupported", `${file}: \`using: ${runs.using}\` is not supported.`, {
      help: "Use composite, or node20 or later.",
    });
  if (runs.main === undefined) throw new SluiceError("workflow-schema", `${file}: \`runs.main\` is missing.`);
  return { type: "javascript", main: runs.main, ...around(runs, runs.pre, runs.post, file) };
}

type Runs = z.infer<typeof schema>["runs"];

function dockerRuns(runs: Partial<Runs>, file: string): DockerRuns {
  if (runs.image === undefined) throw new SluiceError("workflow-schema", `${file}: \`runs.image\` is missing.`);
  return {
    type: "docker",
    image: runs.image,
    ...(runs.entrypoint === undefined ? {} : { entrypoint: runs.entrypoint }),
    args: (runs.args ?? []).map((text) => textOf(text, file)),
    env: Object.fromEntries(Object.entries(runs.env ?? {}).map(([name, text]) => [name, textOf(text, file)])),
    ...around(runs, runs["pre-entrypoint"], runs["post-entrypoint"], file),
  };
}

/** What runs before and after an action, and when. */
function around(
  runs: Partial<Runs>,
  pre: string | undefined,
  post: string | undefined,
  file: string,
): Pick<JavaScriptRuns, "pre" | "preIf" | "post" | "postIf"> {
  return {
    ...(pre === undefined ? {} : { pre }),
    ...(runs["pre-if"] === undefined ? {} : { preIf: bare(runs["pre-if"], file) }),
    ...(post === undefined ? {} : { post }),
    ...(runs["post-if"] === undefined ? {} : { postIf: bare(runs["post-if"], file) }),
  };
}
