import type { OpenForges } from "./forges.ts";
import { NewsIntake } from "./news.ts";
import { RepositoryService, type RepositoryServiceOptions } from "./service.ts";

export interface RepositoriesOptions extends Omit<RepositoryServiceOptions, "home" | "news"> {
  readonly forges: OpenForges;
}

export interface OpenRepositories extends AsyncDisposable {
  readonly service: RepositoryService;
  /** Listens to all repositories, and finds what happened before. */
  start(): Promise<void>;
}

export function openRepositories(options: RepositoriesOptions): OpenRepositories {
  const news = new NewsIntake(options);
  return {
    service: new RepositoryService({ ...options, home: options.forges.git, news }),
    start: () => news.start(),
    [Symbol.asyncDispose]: () => news.close(),
  };
}
