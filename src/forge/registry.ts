import { forgeError } from "./failure.ts";
import { GitForge } from "./git/index.ts";
import type { Forge } from "./port.ts";

/** Every kind of forge there is, by the name of its folder. */
export const adapters = { git: GitForge } as const;

/** The forges that are configured. */
export interface Forges {
  readonly all: readonly Forge[];
  /** The one that a repository lives on. Throws `forge-unavailable` if it is no longer configured. */
  of(repository: { readonly name: string; readonly forge: string }): Forge;
}

/** Puts opened forges together by their names, which a repository's `forge` column has. */
export function forgesOf(all: readonly Forge[]): Forges {
  const byName = new Map(all.map((forge) => [forge.name, forge]));
  return {
    all,
    of({ name, forge }) {
      const found = byName.get(forge);
      if (found !== undefined) return found;
      throw forgeError("unavailable", `${name} lives on the forge ${forge}, which is not configured.`, {
        help: "Configure the forge again, or remove the repository.",
      });
    },
  };
}
