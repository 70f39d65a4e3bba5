import { isJsonObject, refName, type Event, type Json } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";
import { hostOf, isPullRequest, type Metadata } from "./metadata.ts";

/** If more files than this changed, they are not listed, as in Woodpecker. */
const maxListedFiles = 500;

/**
 * The `CI_*` variables of a run, for steps and for `${…}`. Empty ones are left out. Names and meanings:
 * https://woodpecker-ci.org/docs/usage/environment#built-in-environment-variables. The job sets those that are only
 * known where it runs: `CI_WORKSPACE`, `CI_PIPELINE_STATUS`, `CI_STEP_STARTED`, `CI_SYSTEM_PLATFORM`.
 */
export function systemVariables(
  workflow: string,
  metadata: Metadata,
  context: CompileContext,
): Readonly<Record<string, string>> {
  const { event, run, serverUrl } = context;
  const files = metadata.changedFiles ?? [];
  const created = run.createdAt === undefined ? undefined : String(Math.floor(run.createdAt / 1000));
  const avatar = textAt(event.payload, "sender", "avatar_url");
  const all: Record<string, string | undefined> = {
    CI: "woodpecker",
    CI_SYSTEM_NAME: "woodpecker",
    CI_SYSTEM_URL: serverUrl,
    CI_SYSTEM_HOST: metadata.instance,
    CI_FORGE_URL: originOf(event.repository.url) ?? serverUrl,
    CI_FORGE_TYPE: event.repository.url === undefined ? "git" : undefined,
    ...repositoryVariables(event),
    CI_PIPELINE_NUMBER: String(run.number),
    CI_PIPELINE_PARENT: "0",
    CI_PIPELINE_EVENT: metadata.event,
    CI_PIPELINE_EVENT_REASON: metadata.event === "pull_request_metadata" ? event.action : undefined,
    CI_PIPELINE_URL: run.url,
    CI_PIPELINE_FORGE_URL: forgeUrl(event),
    CI_PIPELINE_CREATED: created,
    // A running step gets the time its own job started.
    CI_PIPELINE_STARTED: created,
    CI_PIPELINE_AUTHOR: event.sender.login,
    CI_PIPELINE_AVATAR: avatar,
    CI_COMMIT_AUTHOR_AVATAR: avatar,
    CI_PIPELINE_RERUNS: run.attempt > 1 ? String(run.attempt - 1) : undefined,
    CI_PIPELINE_FILES: files.length > maxListedFiles ? undefined : JSON.stringify(files),
    CI_PIPELINE_DEPLOY_TARGET:
      metadata.event === "deployment" ? textAt(event.payload, "deployment", "environment") : undefined,
    CI_PIPELINE_DEPLOY_TASK: metadata.event === "deployment" ? textAt(event.payload, "deployment", "task") : undefined,
    CI_WORKFLOW_NAME: workflow,
    ...commitVariables(metadata, event),
    ...(metadata.event === "release" ? releaseVariables(event) : {}),
    ...(isPullRequest(metadata.event) ? pullRequestVariables(event) : {}),
    ...previousVariables(metadata, event),
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}

function repositoryVariables({ repository, payload }: Event): Record<string, string | undefined> {
  const slash = repository.name.lastIndexOf("/");
  const fromForge = isJsonObject(payload["repository"]) ? payload["repository"] : {};
  const id = fromForge["id"];
  return {
    CI_REPO: repository.name,
    CI_REPO_NAME: repository.name.slice(slash + 1),
    CI_REPO_OWNER: slash < 0 ? undefined : repository.name.slice(0, slash),
    CI_REPO_URL: repository.url,
    CI_REPO_CLONE_URL: repository.cloneUrl,
    CI_REPO_CLONE_SSH_URL: textAt(fromForge, "ssh_url") ?? textAt(fromForge, "git_ssh_url"),
    CI_REPO_DEFAULT_BRANCH: repository.defaultBranch,
    CI_REPO_REMOTE_ID: typeof id === "number" || typeof id === "string" ? String(id) : undefined,
    CI_REPO_PRIVATE: typeof fromForge["private"] === "boolean" ? String(fromForge["private"]) : undefined,
    // No repository is more trusted than another here.
    CI_REPO_TRUSTED: "false",
    CI_REPO_TRUSTED_NETWORK: "false",
    CI_REPO_TRUSTED_VOLUMES: "false",
    CI_REPO_TRUSTED_SECURITY: "false",
  };
}

function commitVariables(metadata: Metadata, event: Event): Record<string, string | undefined> {
  const { commit } = event;
  const seconds = commit === undefined ? Number.NaN : Math.floor(Date.parse(commit.timestamp) / 1000);
  return {
    CI_COMMIT_SHA: event.sha,
    CI_COMMIT_REF: event.ref,
    CI_COMMIT_BRANCH: metadata.branch,
    CI_COMMIT_TAG: metadata.tag,
    CI_COMMIT_MESSAGE: commit?.message,
    CI_COMMIT_TIMESTAMP: Number.isNaN(seconds) ? undefined : String(seconds),
    CI_COMMIT_AUTHOR: commit?.author.login ?? event.sender.login,
    CI_COMMIT_AUTHOR_EMAIL: commit?.author.email ?? event.sender.email,
  };
}

function pullRequestVariables({ pullRequest, payload }: Event): Record<string, string | undefined> {
  if (pullRequest === undefined) return {};
  const source = refName(pullRequest.head.ref);
  const target = refName(pullRequest.base.ref);
  return {
    CI_COMMIT_REFSPEC: `${source}:${target}`,
    CI_COMMIT_SOURCE_BRANCH: source,
    CI_COMMIT_TARGET_BRANCH: target,
    CI_COMMIT_PULL_REQUEST: String(pullRequest.number),
    CI_COMMIT_PULL_REQUEST_LABELS: pullRequest.labels?.join(","),
    CI_COMMIT_PULL_REQUEST_MILESTONE: textAt(payload, "pull_request", "milestone", "title"),
    CI_COMMIT_PULL_REQUEST_DRAFT: String(pullRequest.draft ?? false),
  };
}

function releaseVariables({ payload }: Event): Record<string, string | undefined> {
  const release = isJsonObject(payload["release"]) ? payload["release"] : {};
  const isPre = String(release["prerelease"] === true);
  return {
    CI_PIPELINE_RELEASE_TITLE: textAt(release, "name"),
    CI_PIPELINE_RELEASE_PRE: isPre,
    CI_COMMIT_PRERELEASE: isPre,
  };
}

/** The branch's commit before a push. Nothing is known about its pipeline. */
function previousVariables(
  { branch }: Metadata,
  { before, ref, repository }: Event,
): Record<string, string | undefined> {
  if (before === undefined || !/[^0]/.test(before)) return {};
  return {
    CI_PREV_COMMIT_SHA: before,
    CI_PREV_COMMIT_REF: ref,
    CI_PREV_COMMIT_BRANCH: branch,
    CI_PREV_COMMIT_URL: repository.url === undefined ? undefined : `${repository.url}/commit/${before}`,
  };
}

/** The forge's page of what started the run, if the payload has it. */
function forgeUrl(event: Event): string | undefined {
  const { payload, repository } = event;
  const named = textAt(payload, "pull_request", "html_url") ?? textAt(payload, "release", "html_url");
  if (named !== undefined || repository.url === undefined) return named;
  return `${repository.url}/commit/${event.sha}`;
}

function textAt(from: Json, ...path: readonly string[]): string | undefined {
  let value: Json | undefined = from;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

function originOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0];
  return scheme === undefined ? undefined : scheme + hostOf(url);
}

/** Set for every event, so that substituting them never leaves a gap. */
export const alwaysSet: ReadonlySet<string> = new Set([
  "CI",
  "CI_SYSTEM_NAME",
  "CI_SYSTEM_URL",
  "CI_SYSTEM_HOST",
  "CI_FORGE_URL",
  "CI_REPO",
  "CI_REPO_NAME",
  "CI_REPO_CLONE_URL",
  "CI_REPO_DEFAULT_BRANCH",
  "CI_REPO_TRUSTED",
  "CI_REPO_TRUSTED_NETWORK",
  "CI_REPO_TRUSTED_VOLUMES",
  "CI_REPO_TRUSTED_SECURITY",
  "CI_PIPELINE_NUMBER",
  "CI_PIPELINE_PARENT",
  "CI_PIPELINE_EVENT",
  "CI_PIPELINE_CREATED",
  "CI_PIPELINE_STARTED",
  "CI_WORKFLOW_NAME",
  "CI_COMMIT_SHA",
  "CI_COMMIT_REF",
]);

/** Written by whoever pushes or opens a pull request: never safe in the text of a script. */
export const writtenByAnybody: ReadonlySet<string> = new Set([
  "CI_COMMIT_MESSAGE",
  "CI_COMMIT_AUTHOR",
  "CI_COMMIT_AUTHOR_EMAIL",
  "CI_COMMIT_REF",
  "CI_COMMIT_BRANCH",
  "CI_COMMIT_SOURCE_BRANCH",
  "CI_COMMIT_REFSPEC",
  "CI_COMMIT_TAG",
  "CI_PREV_COMMIT_REF",
  "CI_PREV_COMMIT_BRANCH",
  "CI_PIPELINE_AUTHOR",
  "CI_COMMIT_PULL_REQUEST_LABELS",
  "CI_COMMIT_PULL_REQUEST_MILESTONE",
  "CI_PIPELINE_FILES",
  "CI_PIPELINE_RELEASE_TITLE",
]);
