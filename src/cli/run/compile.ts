import { type Compilation, compileAll, prepareFor } from "../../dialect/index.ts";
import { type Event, SluiceError } from "../../model/index.ts";
import { localEvent } from "./event.ts";
import { readWorkflows } from "./files.ts";
import type { EventOptions } from "./options.ts";
import { type WorkingTree, inspectTree, treeOf } from "./tree.ts";

export interface CompiledTree {
  readonly tree: WorkingTree;
  readonly event: Event;
  readonly compilations: readonly Compilation[];
}

/** Compiles workflow files of a working tree for the event described by the options. */
export async function compileTree(
  names: readonly string[],
  options: EventOptions,
  inspected = inspectTree(treeOf(options, names)),
): Promise<CompiledTree> {
  const files = readWorkflows(treeOf(options, names), names);
  if (files.length === 0)
    throw new SluiceError("workflow-none", "The named folders contain no workflow files.", {
      help: "Name a folder with *.yml or *.yaml files.",
    });
  // While git answers.
  prepareFor(files);
  const tree = await inspected;
  const event = localEvent(tree, options);
  const compilations = compileAll(files, {
    event,
    run: { id: "1", number: 1, attempt: 1, createdAt: Date.now() },
    vars: options.var ?? {},
    // Workflows use `if: ${{ !env.ACT }}` to skip steps on a developer's machine.
    env: { ACT: "true" },
    serverUrl: "http://localhost",
  });
  return { tree, event, compilations };
}
