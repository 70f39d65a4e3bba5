import { forgeError } from "./failure.ts";
import type { Forge } from "./port.ts";

type Reading = Pick<Forge, "name" | "addresses" | "files" | "changedPaths" | "event" | "source">;

/** The forges that are configured, by the name that a repository's `forge` column has. */
export interface Forges {
  /** Throws `forge-unavailable` if a repository's forge is no longer configured. */
  of(repository: { readonly name: string; readonly forge: string }): Reading;
}

export function forgesOf(open: readonly Reading[]): Forges {
  const byName = new Map(open.map((forge) => [forge.name, forge]));
  return {
    of({ name, forge }) {
      const found = byName.get(forge);
      if (found === undefined)
        throw forgeError("unavailable", `${name} lives on the forge ${forge}, which is not configured.`, {
          help: "Configure the forge again, or remove the repository.",
        });
      return found;
    },
  };
}
