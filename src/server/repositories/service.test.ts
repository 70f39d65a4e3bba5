import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Forge, forgesOf } from "../../forge/index.ts";
import { openStore, type Store } from "../../store/index.ts";
import { scriptedForge } from "../../../test/integration/scripted-forge.ts";
import { RepositoryService } from "./service.ts";

let store: Store;

/** Repositories on one forge, of which some operations are set. */
function serviceOn(more: Partial<Forge> = {}): { service: RepositoryService; said: string[] } {
  const said: string[] = [];
  const home: Forge = {
    ...scriptedForge(
      () => {
        throw new Error("nothing is started");
      },
      async () => [],
    ),
    deactivate: async ({ name }) => void said.push(`deactivate ${name}`),
    ...more,
  };
  const service = new RepositoryService({
    store,
    forges: forgesOf([home]),
    home,
    now: () => 1,
    news: {
      follow: async ({ name }) => void said.push(`follow ${name}`),
      unfollow: () => undefined,
      poll: () => undefined,
    },
    control: { accept: async () => ({ id: "1", fresh: true }), repositoryChanged: () => undefined },
    warn: (message) => said.push(message),
  });
  return { service, said };
}

beforeEach(async () => {
  store = await openStore({ database: ":memory:", now: Date.now });
});

afterEach(() => store.close());

describe("repositories", () => {
  it("are followed once what they had before is known, and not kept when that cannot be read", async () => {
    const tips = new Map([["refs/heads/main", "a".repeat(40)]]);
    const { service, said } = serviceOn({ refs: async () => tips });
    const { id } = await service.create({ name: "shop" }, "ann");
    expect(said).toEqual(["follow shop"]);
    expect(await store.repositories.tips(id)).toEqual(tips);
    const broken = serviceOn({ refs: () => Promise.reject(new Error("the disk is away")) });
    await expect(broken.service.create({ name: "loft" }, "ann")).rejects.toThrow("the disk is away");
    expect((await service.list()).map(({ name }) => name)).toEqual(["shop"]);
  });

  it("have one name only", async () => {
    const { service } = serviceOn({ find: async () => ({ remoteId: "7", defaultBranch: "main" }) });
    await service.create({ name: "shop" }, "ann");
    await expect(service.create({ name: "loft", path: "/srv/shop.git" }, "ann")).rejects.toMatchObject({
      code: "already-exists",
      message: "/srv/shop.git is already attached as shop.",
    });
  });

  it("are listed and can be removed although their forge is no longer configured", async () => {
    await store.repositories.add({ forge: "hub", remoteId: "1", name: "old", defaultBranch: "main", createdAt: 1 });
    const { service, said } = serviceOn();
    expect(await service.list()).toMatchObject([{ name: "old", forge: "hub", cloneUrl: "" }]);
    await service.remove("old", "ann");
    expect(await service.list()).toEqual([]);
    expect(said).toEqual([]);
  });

  it("are gone for us even if their forge cannot be told", async () => {
    const { service, said } = serviceOn({ deactivate: () => Promise.reject(new Error("the forge is away")) });
    await service.create({ name: "shop" }, "ann");
    await service.remove("shop", "ann");
    expect(await service.list()).toEqual([]);
    expect(said).toEqual(["follow shop", "cannot remove what the forge keeps of a removed repository"]);
  });
});
