import { expect } from "vitest";
import { eventSchema, type Event } from "../model/index.ts";
import type { Forge, News, RemoteRepository } from "./port.ts";

/** One forge with a repository on it, and a user who pushes there with what users have. */
export interface ForgeBed extends AsyncDisposable {
  readonly forge: Forge;
  /** Found and stored; its events have not been read yet. Its default branch is `main`, and it is empty. */
  readonly repository: RemoteRepository;
  /** Commits files to the branch checked out last (`main` at first); returns the commit. */
  commit(message: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** Runs git in the user's working tree. */
  git(...args: string[]): Promise<string>;
  push(...args: string[]): Promise<void>;
  /** Removes the repository without telling Sluice. */
  lose(): Promise<void>;
}

/** The parts that an adapter may lack. */
export type Part = "reports" | "hooks" | "statuses" | "permissions";

export interface Case {
  readonly promise: string;
  /** The case is about an optional part: skipped for adapters without it. */
  readonly needs?: Part;
  readonly check: (bed: ForgeBed) => Promise<void>;
}

const nowhere = "f".repeat(40);

const reading: readonly Case[] = [
  {
    promise: "names every branch and tag with its commit",
    async check({ forge, repository, commit, git, push }) {
      const sha = await commit("first", {});
      await git("tag", "light");
      await git("tag", "-a", "heavy", "-m", "with words");
      await push("main", "light", "heavy");
      expect(await forge.refs(repository)).toEqual(
        new Map([
          ["refs/heads/main", sha],
          ["refs/tags/heavy", sha],
          ["refs/tags/light", sha],
        ]),
      );
    },
  },
  {
    promise: "resolves a branch before a tag with the same name, and full refs, but no revision syntax",
    async check({ forge, repository, commit, git, push }) {
      const old = await commit("first", {});
      await git("tag", "main");
      const sha = await commit("second", {});
      await push("refs/heads/main", "refs/tags/main");
      expect(await forge.resolve(repository, "main")).toEqual({ ref: "refs/heads/main", sha });
      expect(await forge.resolve(repository, "refs/tags/main")).toEqual({ ref: "refs/tags/main", sha: old });
      for (const name of ["", "other", "main~1", "--all", "refs/heads/main:x", "a\nb"])
        expect([name, await forge.resolve(repository, name)]).toEqual([name, undefined]);
    },
  },
  {
    promise: "reads the wanted files of a commit as they were then, without subfolders",
    async check({ forge, repository, commit, push }) {
      const sha = await commit("first", {
        "ci/b.yml": "b",
        "ci/a.yml": "ü",
        "ci/no.txt": "",
        "ci/deep/c.yml": "c",
        d: "d",
      });
      await commit("second", { "ci/a.yml": "later", "ci/new.yml": "" });
      await push("main");
      const wanted = { paths: ["d", "ci/", "ci/missing.yml"], wants: (name: string) => name.endsWith(".yml") };
      expect(await forge.files(repository, sha, wanted)).toEqual([
        { path: "d", text: "d" },
        { path: "ci/a.yml", text: "ü" },
        { path: "ci/b.yml", text: "b" },
      ]);
      expect(await forge.files(repository, sha, { ...wanted, paths: ["none/"] })).toEqual([]);
    },
  },
  {
    promise: "cuts a file over 1 MiB one byte after that",
    async check({ forge, repository, commit, push }) {
      const sha = await commit("large", { "a.yml": "a".repeat(1_500_000) });
      await push("main");
      const [file] = await forge.files(repository, sha, { paths: ["a.yml"], wants: () => true });
      expect(file?.text.length).toBe(1024 * 1024 + 1);
    },
  },
  {
    promise: "returns the paths in which two commits differ, and where a branch left the default one",
    async check({ forge, repository, commit, git, push }) {
      const first = await commit("first", { "gone.txt": "1", "a b.txt": "1" });
      await git("rm", "--quiet", "gone.txt");
      const second = await commit("second", { "a b.txt": "2" });
      await push("main");
      await git("checkout", "--quiet", "-b", "topic");
      const topic = await commit("topic", { "t.txt": "" });
      await push("topic");
      const changed = async (commits: { before?: string; sha: string }): Promise<readonly string[] | undefined> =>
        (await forge.changedPaths(repository, commits))?.toSorted();
      expect(await changed({ before: first, sha: second })).toEqual(["a b.txt", "gone.txt"]);
      expect(await changed({ sha: topic })).toEqual(["t.txt"]);
      expect(await changed({ before: "0".repeat(40), sha: topic })).toEqual(["t.txt"]);
      expect(await changed({ sha: first })).toBeUndefined();
      expect(await changed({ before: nowhere, sha: second })).toBeUndefined();
    },
  },
  {
    promise: "reports `not-found` for a commit that does not exist",
    async check({ forge, repository, commit, push }) {
      await commit("first", {});
      await push("main");
      const at = { ref: "refs/heads/main", sha: nowhere };
      const missing = { code: "not-found" };
      await expect(forge.files(repository, nowhere, { paths: ["a"], wants: () => true })).rejects.toMatchObject(
        missing,
      );
      await expect(forge.event(repository, { kind: "manual", ...at, sender: "ann", inputs: {} })).rejects.toMatchObject(
        missing,
      );
      await expect(
        forge.event(repository, { kind: "schedule", ...at, cron: "0 3 * * *", timeZone: "UTC" }),
      ).rejects.toMatchObject(missing);
    },
  },
  {
    promise: "rejects with an error of the taxonomy when the repository is gone",
    async check({ forge, repository, commit, push, lose }) {
      const sha = await commit("first", {});
      await push("main");
      await lose();
      const gone = { code: expect.stringMatching(/^(not-found|forge-unavailable)$/) };
      await expect(forge.refs(repository)).rejects.toMatchObject(gone);
      await expect(forge.resolve(repository, "main")).rejects.toMatchObject(gone);
      await expect(forge.files(repository, sha, { paths: ["a"], wants: () => true })).rejects.toMatchObject(gone);
      await expect(newsOf(forge, repository)).rejects.toMatchObject(gone);
      await expect(forge.activate(repository)).rejects.toMatchObject(gone);
    },
  },
];

const starting: readonly Case[] = [
  {
    promise: "creates the event of a manual start",
    async check({ forge, repository, commit, push }) {
      const sha = await commit("first", {});
      await push("main");
      const start = { kind: "manual", ref: "refs/heads/main", sha, sender: "ann", inputs: { a: "1" } } as const;
      const event = await forge.event(repository, { ...start, workflow: "ci.yml" });
      expect(parsed(forge, repository, event)).toMatchObject({
        kind: "manual",
        ref: start.ref,
        sha,
        inputs: { a: "1" },
      });
      expect(event).toMatchObject({ workflow: "ci.yml", sender: { login: "ann" }, commit: { message: "first" } });
    },
  },
  {
    promise: "creates the event of a schedule, started by the commit's author unless someone started it by hand",
    async check({ forge, repository, commit, push }) {
      const sha = await commit("first", {});
      await push("main");
      const start = { kind: "schedule", ref: "refs/heads/main", sha, cron: "0 3 * * *", timeZone: "UTC" } as const;
      const event = parsed(forge, repository, await forge.event(repository, start));
      expect(event).toMatchObject({ kind: "schedule", sha, schedule: start.cron });
      expect(event.sender.login).toBe(event.commit?.author.login);
      expect((await forge.event(repository, { ...start, sender: "ann" })).sender.login).toBe("ann");
    },
  },
  {
    promise: "gives jobs a credential beside the address and not in it",
    async check({ forge, repository }) {
      const at = { ref: "refs/heads/main", sha: nowhere };
      const source = await forge.source(repository, at, 10);
      expect(source).toMatchObject({ kind: "git", ...at, url: forge.addresses(repository).clone });
      const token = source.kind === "git" ? (source.token ?? "") : "";
      expect(token.length).toBeGreaterThan(20);
      expect(JSON.stringify({ ...source, token: "" })).not.toContain(token);
    },
  },
];

const hearing: readonly Case[] = [
  {
    promise: "reports nothing as missed if everything is known, and otherwise whatever moved, is new or is gone",
    async check({ forge, repository, commit, git, push }) {
      const first = await commit("first", {});
      await git("branch", "old");
      await push("main", "old");
      const tips = await forge.refs(repository);
      expect(await newsOf(forge, repository, tips)).toEqual([]);
      const second = await commit("second", { "a.txt": "" });
      await git("tag", "v1");
      await push("main", "v1", ":old");
      const news = await newsOf(forge, repository, tips);
      const events = news.flatMap((each) => (each.type === "event" ? [parsed(forge, repository, each.event)] : []));
      expect(events.map(({ kind, ref, sha }) => [kind, ref, sha])).toEqual([
        ["push", "refs/heads/main", second],
        ["push", "refs/tags/v1", second],
      ]);
      expect(events[0]).toMatchObject({ before: first, changedFiles: ["a.txt"], commit: { message: "second" } });
      expect(news).toContainEqual({ type: "refs", tips: new Map([["refs/heads/old", null]]) });
      expect(new Set(news.flatMap((each) => (each.type === "event" ? [each.key] : []))).size).toBe(2);
    },
  },
  {
    promise: "takes the first branch as the default one, whatever its name",
    async check({ forge, repository, commit, git, push }) {
      await git("checkout", "--quiet", "-b", "trunk");
      await commit("first", {});
      await push("trunk");
      const [news] = await newsOf(forge, repository);
      expect(news).toMatchObject({ type: "event", event: { repository: { defaultBranch: "trunk" } } });
    },
  },
  {
    promise: "can be activated and deactivated repeatedly",
    async check({ forge, repository }) {
      for (const turn of ["activate", "activate", "deactivate", "deactivate"] as const) await forge[turn](repository);
    },
  },
  {
    promise: "reports a push, also one made before anyone listened, until it is taken",
    needs: "reports",
    async check({ forge, repository, commit, push }) {
      const heard: News[] = [];
      const calls = Promise.withResolvers<void>();
      let fail = true;
      await forge.activate(repository);
      const sha = await commit("first", {});
      await push("main");
      forge.reports?.listen(async (id, read) => {
        expect(id).toBe(repository.id);
        const news: News[] = await collect(read(repository));
        if (fail) throw new Error("the store is unavailable");
        heard.push(...news);
        calls.resolve();
      });
      await forge.reports?.follow(repository);
      expect(heard).toEqual([]);
      fail = false;
      forge.reports?.poll(repository.id);
      await calls.promise;
      expect(heard).toMatchObject([{ type: "event", event: { kind: "push", ref: "refs/heads/main", sha } }]);
    },
  },
  {
    promise: "reports nothing once it is no longer followed",
    needs: "reports",
    async check({ forge, repository, commit, push }) {
      await forge.activate(repository);
      let calls = 0;
      forge.reports?.listen(async () => {
        calls += 1;
      });
      await forge.reports?.follow(repository);
      forge.reports?.unfollow(repository.id);
      await commit("first", {});
      await push("main");
      forge.reports?.poll(repository.id);
      await forge.close();
      expect(calls).toBe(0);
    },
  },
];

/** The contract of every adapter; see `port.ts`. */
export const cases: readonly Case[] = [...reading, ...starting, ...hearing];

async function newsOf(
  forge: Forge,
  repository: RemoteRepository,
  tips: ReadonlyMap<string, string> = new Map(),
): Promise<readonly News[]> {
  return collect(forge.missed(repository, tips));
}

async function collect(news: AsyncIterable<News>): Promise<News[]> {
  const all: News[] = [];
  for await (const each of news) all.push(each);
  return all;
}

/** The event as read back from the store: complete, and of this repository. */
function parsed(forge: Forge, { remoteId, name }: RemoteRepository, event: Event): Event {
  const read = eventSchema.parse(JSON.parse(JSON.stringify(event)));
  expect(read.repository).toMatchObject({ forge: forge.name, remoteId, name });
  return read;
}
