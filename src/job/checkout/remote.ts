import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SluiceError, type Source } from "../../model/index.ts";
import type { Masker } from "../../masking/index.ts";
import type { StepExecution } from "../action/execution.ts";
import type { Git, GitSettings } from "./git.ts";
import type { CheckoutOptions } from "./options.ts";

type GitSource = Extract<Source, { kind: "git" }>;

/** The configuration that sends a token to one server; its encoded form is masked too. */
export function authorization(url: string, token: string | undefined, masker: Masker): GitSettings {
  if (token === undefined || token === "" || !/^https?:/.test(url)) return [];
  const encoded = Buffer.from(`x-access-token:${token}`).toString("base64");
  masker.add(token);
  masker.add(encoded);
  return [[`http.${new URL(url).origin}/.extraheader`, `Authorization: Basic ${encoded}`]];
}

/**
 * Lets the job's own git commands access the repository, too. The checkout only names the credentials file, which is
 * beside the workspace: packing the workspace does not include it.
 */
async function keepCredentials(
  execution: StepExecution,
  git: Git,
  url: string,
  token: string | undefined,
  target: string,
): Promise<void> {
  const settings = authorization(url, token, execution.job.masker);
  if (settings.length === 0) return;
  const { environment } = execution.job;
  const file = join(environment.folders.job, `git-credentials-${randomBytes(4).toString("hex")}`);
  // Not with `git config`: its arguments appear in the process list.
  const content = settings
    .map(([key, value]) => `[http "${key.slice("http.".length, key.lastIndexOf("."))}"]\n\textraheader = ${value}\n`)
    .join("");
  await environment.write([{ path: file, content, mode: 0o600 }]);
  await git.run(["config", "--local", "include.path", file], target);
}

/** Fetches one commit from the repository's server and checks it out: a branch as a branch, anything else detached. */
export async function fetchCommit(
  execution: StepExecution,
  git: Git,
  source: GitSource,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  const own = options.ref === "" || options.ref === source.ref || options.ref === source.sha;
  await git.run(["init", "--quiet"], target);
  if (!(await git.succeeds(["remote", "set-url", "origin", source.url], target)))
    await git.run(["remote", "add", "origin", source.url], target);
  if (options.keepCredentials) await keepCredentials(execution, git, source.url, options.token, target);
  const wanted = own ? { commit: source.sha, ref: source.ref } : await resolveRef(git, options.ref, target);
  const tracking = trackingOf(wanted.ref);
  execution.log.line(
    `Fetching ${wanted.commit}${wanted.ref === wanted.commit ? "" : ` of ${wanted.ref}`} from ${source.url}${options.depth > 0 ? `, ${options.depth} commit${options.depth === 1 ? "" : "s"} deep` : ", with its history"}`,
  );
  if (options.depth > 0) await fetchShallow(git, wanted, tracking, options, target);
  else await fetchAll(git, wanted, tracking, target);
  if (options.depth > 0 && options.tags)
    await git.run(["fetch", "--quiet", `--depth=${options.depth}`, "origin", "+refs/tags/*:refs/tags/*"], target);
  const branch = /^refs\/heads\/(.+)$/.exec(wanted.ref)?.[1];
  await git.run(
    branch === undefined
      ? ["checkout", "--quiet", "--force", "--detach", wanted.commit]
      : ["checkout", "--quiet", "--force", "-B", branch, wanted.commit],
    target,
  );
}

async function fetchAll(
  git: Git,
  wanted: { commit: string; ref: string },
  tracking: string,
  target: string,
): Promise<void> {
  await git.run(
    [
      "fetch",
      "--quiet",
      "--prune",
      "--force",
      "origin",
      "+refs/heads/*:refs/remotes/origin/*",
      "+refs/tags/*:refs/tags/*",
    ],
    target,
  );
  if (await git.succeeds(["cat-file", "-e", `${wanted.commit}^{commit}`], target)) return;
  // A pull request's commit belongs to no branch; neither does one that was overwritten by a force push.
  await git.run(["fetch", "--quiet", "--no-tags", "--force", "origin", `+${wanted.commit}:${tracking}`], target);
}

/** Some servers only serve the tips of refs: then the whole ref is fetched, and must contain the commit. */
async function fetchShallow(
  git: Git,
  wanted: { commit: string; ref: string },
  tracking: string,
  options: CheckoutOptions,
  target: string,
): Promise<void> {
  const flags = ["fetch", "--quiet", "--no-tags", "--force"];
  if (await git.succeeds([...flags, `--depth=${options.depth}`, "origin", `+${wanted.commit}:${tracking}`], target))
    return;
  await git.run([...flags, "origin", `+${wanted.ref}:${tracking}`], target);
  if (!(await git.succeeds(["cat-file", "-e", `${wanted.commit}^{commit}`], target))) {
    throw new SluiceError("git-failed", `The commit ${wanted.commit} is no longer in ${wanted.ref}.`, {
      help: "The branch may have been force-pushed. Run its newest commit.",
    });
  }
}

async function resolveRef(git: Git, ref: string, target: string): Promise<{ commit: string; ref: string }> {
  if (/^[0-9a-f]{40}$/.test(ref)) return { commit: ref, ref };
  const names = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const listed = (
    await git.read(["ls-remote", "--quiet", "origin", ...names, ...names.map((name) => `${name}^{}`)], target)
  )
    .split("\n")
    .map((line) => line.split("\t"));
  for (const name of names) {
    const found = listed.find(([, each]) => each === `${name}^{}`) ?? listed.find(([, each]) => each === name);
    if (found?.[0] !== undefined) return { commit: found[0], ref: name };
  }
  throw new SluiceError("git-failed", `The repository has no branch or tag ${ref}.`, {
    help: "Check the `ref` input of the checkout.",
  });
}

function trackingOf(ref: string): string {
  if (ref.startsWith("refs/heads/")) return `refs/remotes/origin/${ref.slice("refs/heads/".length)}`;
  if (ref.startsWith("refs/tags/")) return ref;
  return ref.startsWith("refs/") ? `refs/remotes/${ref.slice("refs/".length)}` : "refs/remotes/origin/__checkout";
}
