import { adapters, type Forges, forgesOf, type GitForge } from "../../forge/index.ts";
import { messageOf } from "../../model/index.ts";
import type { Store } from "../../store/index.ts";
import type { CloneTokens } from "./clone-tokens.ts";

export interface ForgesOptions {
  readonly store: Store;
  /** Folder of the git repositories that Sluice creates. */
  readonly gitFolder: string;
  /** The server's URL, without a trailing slash. */
  readonly url: string;
  readonly cloneTokens: Pick<CloneTokens, "create">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly warn: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** The forges of a server: so far its own git repositories, which it also serves. */
export interface OpenForges extends Forges, AsyncDisposable {
  readonly git: GitForge;
}

/** Opens every configured forge. Sends them no requests yet. */
export function openForges({ store, gitFolder, url, cloneTokens, now, warn }: ForgesOptions): OpenForges {
  const git = new adapters.git({
    folder: gitFolder,
    places: store.gitRepositories,
    baseUrl: url,
    credential: (repositoryId, minutes) => cloneTokens.create(repositoryId, minutes * 60_000),
    now,
    warn,
  });
  const forges = forgesOf([git]);
  return {
    ...forges,
    git,
    async [Symbol.asyncDispose]() {
      for (const forge of forges.all)
        await forge.close().catch((error: unknown) => warn("cannot close a forge", { error: messageOf(error) }));
    },
  };
}
