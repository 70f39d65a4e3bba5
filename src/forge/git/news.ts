import type { News } from "../port.ts";
import { describeUpdate, type GitRepository, pushEvent } from "./event.ts";
import { commitsOf } from "./history.ts";
import { runsOfPush } from "./hook.ts";
import { zeroSha } from "./names.ts";
import { mayBecomeDefault, setDefaultBranch } from "./repository.ts";
import type { PushReport, RefUpdate } from "./spool.ts";

/** Reports to the operator what a caller cannot receive. */
export type Warn = (message: string, detail: Readonly<Record<string, unknown>>) => void;

export interface NewsSource {
  readonly repository: GitRepository;
  /** An attached repository's own default branch stays as it is. */
  readonly managed: boolean;
  readonly warn: Warn;
}

/**
 * The meaning of a push: an event for each of the first moved refs, the default branch first, and the commits of the
 * others, which cost two processes and a transaction however many there are.
 */
export async function* newsOf(source: NewsSource, report: PushReport): AsyncGenerator<News> {
  const tips = new Map<string, string | null>(
    report.updates.filter((each) => each.after === zeroSha).map((each) => [each.ref, null]),
  );
  let { repository } = source;
  const main = `refs/heads/${repository.defaultBranch}`;
  const moved = report.updates
    .filter((each) => each.after !== zeroSha)
    .toSorted((left, right) => Number(right.ref === main) - Number(left.ref === main));
  for (const update of moved.slice(0, runsOfPush)) {
    repository = await withDefaultBranch({ ...source, repository }, update);
    const event = await pushEvent(repository, update, report.pusher);
    if (event === undefined) {
      const { name } = repository;
      source.warn("a pushed ref leads to no commit", { repository: name, update: describeUpdate(update) });
      continue;
    }
    // The key names the report, because the same two commits can be pushed again: there, back, and there again.
    const { ref, sha, before = zeroSha } = event;
    yield { type: "event", event, key: `git:${repository.name}:push:${ref}:${sha}:${before}:${report.id}` };
  }
  const others = moved.slice(runsOfPush);
  for (const [ref, sha] of await tipsOf(source, report, others, moved.length)) tips.set(ref, sha);
  if (tips.size > 0) yield { type: "refs", tips };
}

/** The first branch of a repository becomes the default branch, whatever its name. */
async function withDefaultBranch(source: NewsSource, update: RefUpdate): Promise<GitRepository> {
  const { repository, managed } = source;
  const branch = /^refs\/heads\/(.+)$/.exec(update.ref)?.[1];
  if (update.before !== zeroSha || branch === undefined || branch === repository.defaultBranch) return repository;
  if (!(await mayBecomeDefault(repository.path, repository.defaultBranch, branch))) return repository;
  if (managed) await setDefaultBranch(repository.path, branch);
  return { ...repository, defaultBranch: branch };
}

/** The commits of refs that start no run. */
async function tipsOf(
  { repository, warn }: NewsSource,
  report: PushReport,
  others: readonly RefUpdate[],
  all: number,
): Promise<ReadonlyMap<string, string | null>> {
  if (others.length === 0) return new Map();
  const { path, name } = repository;
  const commits = await commitsOf(
    path,
    others.map((each) => each.after),
  );
  const [first, last] = [others[0]?.ref, others.at(-1)?.ref];
  warn(`a push moved ${all} refs; runs start only for ${runsOfPush} of them`, {
    repository: name,
    push: report.id,
    others: others.length,
    first,
    last,
  });
  return new Map(others.map(({ ref, after }) => [ref, commits.get(after) ?? null]));
}
