import type { Spanned, YamlNode } from "../yaml/index.ts";
import type { Condition } from "./when.ts";

/* A parsed Woodpecker file: its keys as values, with their places. Nothing is decided yet. */

export interface Workflow {
  readonly when: readonly Condition[];
  /** Undefined for the implicit clone. */
  readonly clone?: readonly Container[];
  readonly skipClone: boolean;
  readonly steps: readonly Container[];
  readonly services: readonly Container[];
  readonly labels: readonly { readonly key: string; readonly value: string; readonly span: Spanned }[];
  readonly dependsOn: readonly Dependency[];
  readonly concurrency?: { readonly limit: number; readonly group: string };
  /** Empty if the file does not say. */
  readonly runsOn: readonly string[];
  readonly workspace?: Spanned;
}

export interface Dependency {
  readonly name: string;
  readonly optional: boolean;
  readonly span: Spanned;
}

/** A step, service or clone step. */
export interface Container {
  readonly name: string;
  /** The name if it has one, otherwise its beginning. */
  readonly span: Spanned;
  readonly image: string;
  readonly commands: readonly string[];
  readonly commandSpans: readonly Spanned[];
  readonly entrypoint: readonly string[];
  readonly environment: readonly Variable[];
  readonly settings: readonly Variable[];
  readonly when: readonly Condition[];
  /** Undefined if the step does not say; an empty list means that it starts at once. */
  readonly dependsOn?: readonly Dependency[];
  readonly failure: string;
  readonly detach: boolean;
  readonly privileged: boolean;
  readonly directory: string;
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  /** All of its keys, with their places. */
  readonly keys: ReadonlyMap<string, Spanned>;
}

export interface Variable {
  readonly name: string;
  readonly value: YamlNode;
  readonly span: Spanned;
}
