import type { Blobs, Logs, Store } from "../../store/index.ts";
import type { Control } from "../http/port.ts";
import type { OpenForges } from "./forges.ts";
import { NewsIntake, type NewsOptions } from "./news.ts";
import { RepositoryService } from "./service.ts";

export interface RepositoriesOptions {
  readonly store: Store;
  readonly logs: Logs;
  readonly blobs: Blobs;
  readonly forges: OpenForges;
  readonly control: Pick<Control, "accept" | "repositoryChanged">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly warn: NewsOptions["warn"];
}

export interface OpenRepositories extends AsyncDisposable {
  readonly service: RepositoryService;
  /** Listens for what happens in all repositories, and finds what happened before. */
  start(): Promise<void>;
}

export function openRepositories(options: RepositoriesOptions): OpenRepositories {
  const { control, forges } = options;
  const parts: Pick<NewsOptions, "accept" | "changed"> = {
    accept: (event, repositoryId, dedupeKey) => control.accept(event, repositoryId, dedupeKey),
    changed: (repositoryId) => control.repositoryChanged(repositoryId),
  };
  const news = new NewsIntake({ ...options, ...parts });
  return {
    service: new RepositoryService({ ...options, ...parts, home: forges.git, news }),
    start: () => news.start(),
    [Symbol.asyncDispose]: () => news.close(),
  };
}
