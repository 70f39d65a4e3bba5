import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Forge, forgesOf, type News } from "../../forge/index.ts";
import type { Event } from "../../model/index.ts";
import { openStore, type RepositoryRow, type Store } from "../../store/index.ts";
import { scriptedForge } from "../../../test/integration/scripted-forge.ts";
import { NewsIntake } from "./news.ts";

type Take = Parameters<NonNullable<Forge["reports"]>["listen"]>[0];

const [first, second] = ["a".repeat(40), "b".repeat(40)];
let store: Store;
let repository: RepositoryRow;
let intake: NewsIntake;
let accepted: string[];
let warnings: string[];
/** What the forge finds when it is asked for missed events. */
let missed: readonly News[];
/** Reports news as the forge does. */
let report: Take;

function push(sha: string, defaultBranch = "main"): News {
  const event: Event = {
    kind: "push",
    repository: { name: "shop", defaultBranch, cloneUrl: "" },
    ref: `refs/heads/${defaultBranch}`,
    sha,
    sender: { login: "ann" },
    payload: {},
  };
  return { type: "event", event, key: `key of ${sha}` };
}

async function* told(...news: readonly News[]): AsyncGenerator<News> {
  yield* news;
}

beforeEach(async () => {
  store = await openStore({ database: ":memory:", now: Date.now });
  const row = { forge: "git", remoteId: "7", name: "shop", defaultBranch: "main", createdAt: 1 };
  repository = await store.repositories.add(row);
  [accepted, warnings, missed] = [[], [], []];
  const forge: Forge = {
    ...scriptedForge(
      () => {
        throw new Error("nothing is started by hand");
      },
      async () => [],
    ),
    missed: () => told(...missed),
    reports: {
      listen: (take) => {
        report = take;
      },
      follow: async () => undefined,
      unfollow: () => undefined,
      poll: () => undefined,
    },
  };
  intake = new NewsIntake({
    store,
    forges: forgesOf([forge]),
    control: {
      accept: async (event, repositoryId, key) => {
        accepted.push(key);
        return store.events.accept({ repositoryId, event, receivedAt: 1 }, key);
      },
      repositoryChanged: (id) => accepted.push(`changed ${id}`),
    },
    warn: (message) => warnings.push(message),
  });
});

afterEach(async () => {
  await intake.close();
  await store.close();
});

describe("the news of a repository", () => {
  it("is asked for at the start, and stored", async () => {
    missed = [push(first)];
    await intake.start();
    expect(accepted).toEqual([`key of ${first}`]);
    expect([...(await store.repositories.tips(repository.id))]).toEqual([["refs/heads/main", first]]);
  });

  it("starts nothing for a commit that the ref is known to be at, whichever way it was heard of first", async () => {
    missed = [push(first)];
    await intake.start();
    await report(repository.id, () => told(push(first), push(second)));
    expect(accepted).toEqual([`key of ${first}`, `key of ${second}`]);
  });

  it("says which branch is the default one, before its event is stored", async () => {
    await intake.start();
    await report(repository.id, () => told(push(first, "trunk")));
    expect(await store.repositories.byId(repository.id)).toMatchObject({ defaultBranch: "trunk" });
  });

  it("forgets refs that are gone, and tells when it was the default branch", async () => {
    missed = [push(first)];
    await intake.start();
    const gone: News = { type: "refs", tips: new Map([["refs/heads/main", null]]) };
    await report(repository.id, () => told(gone));
    expect(accepted).toEqual([`key of ${first}`, `changed ${repository.id}`]);
    expect((await store.repositories.tips(repository.id)).size).toBe(0);
  });

  it("is stored one report at a time", async () => {
    await intake.start();
    const begun = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<News> {
      begun.resolve();
      await open.promise;
      yield push(first);
    }
    const reports = [
      report(repository.id, slow),
      report(repository.id, () => {
        expect(accepted).toEqual([`key of ${first}`]);
        return told(push(second));
      }),
    ];
    await begun.promise;
    open.resolve();
    await Promise.all(reports);
    expect(accepted).toHaveLength(2);
  });

  it("is refused once it closes, so that the forge keeps it", async () => {
    await intake.start();
    await intake.close();
    await expect(report(repository.id, () => told(push(first)))).rejects.toMatchObject({ code: "unavailable" });
    expect(accepted).toEqual([]);
  });

  it("of a repository on a forge that is not configured keeps nothing else from starting", async () => {
    await store.repositories.add({ forge: "hub", remoteId: "1", name: "a", defaultBranch: "main", createdAt: 1 });
    missed = [push(first)];
    await intake.start();
    expect(warnings).toEqual(["cannot watch the repository"]);
    expect(accepted).toEqual([`key of ${first}`]);
  });
});
