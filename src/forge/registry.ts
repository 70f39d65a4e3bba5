import { forgeError } from "./failure.ts";
import { GitForge } from "./git/index.ts";
import type { Forge } from "./port.ts";

/** Every kind of forge, by the name of its folder. */
export const adapters = { git: GitForge } as const;

/** The configured forges. */
export interface Forges {
  readonly all: readonly Forge[];
  named(name: string): Forge | undefined;
  /** The forge of a repository. Throws `forge-unavailable` if it is no longer configured. */
  of(repository: { readonly name: string; readonly forge: string }): Forge;
}

/** Collects opened forges by name, as in a repository's `forge` column. */
export function forgesOf(all: readonly Forge[]): Forges {
  const byName = new Map(all.map((forge) => [forge.name, forge]));
  return {
    all,
    named: (name) => byName.get(name),
    of({ name, forge }) {
      const found = byName.get(forge);
      if (found !== undefined) return found;
      throw forgeError("unavailable", `The forge ${forge} of ${name} is not configured.`, {
        help: "Configure the forge again, or remove the repository.",
      });
    },
  };
}
