import { SluiceError } from "../../model/index.ts";
import type { News, RemoteRepository, Reports, TakeNews } from "../port.ts";
import type { Warn } from "./news.ts";
import type { PushReport } from "./spool.ts";
import { SpoolWatch } from "./watch.ts";

export interface GitReportsOptions {
  readonly pathOf: (repository: RemoteRepository) => Promise<string>;
  readonly read: (repository: RemoteRepository, report: PushReport) => AsyncIterable<News>;
  readonly warn: Warn;
}

/** What the repositories' hooks report through their spools. */
export class GitReports implements Reports {
  readonly #options: GitReportsOptions;
  readonly #watch: SpoolWatch;
  #take: TakeNews = async () => {
    throw new SluiceError("unavailable", "Nobody is listening for pushes.");
  };

  constructor(options: GitReportsOptions) {
    this.#options = options;
    this.#watch = new SpoolWatch({
      take: async (id, report) => this.#take(id, (repository) => options.read(repository, report)),
      warn: options.warn,
    });
  }

  listen(take: TakeNews): void {
    this.#take = take;
  }

  async follow(repository: RemoteRepository): Promise<void> {
    await this.#watch.add(repository.id, await this.#options.pathOf(repository));
  }

  unfollow(repositoryId: string): void {
    this.#watch.remove(repositoryId);
  }

  poll(repositoryId: string): void {
    void this.#watch.scan(repositoryId);
  }

  async close(): Promise<void> {
    await this.#watch.close();
  }
}
