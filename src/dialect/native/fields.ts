import { isJsonObject, isTag, refName, type Event, type Json } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";
import { unknownText } from "../shape/index.ts";

interface Field {
  /** For the reference. */
  readonly meaning: string;
  /** A hash, a number or one of our words: outsiders cannot choose its text. */
  readonly trusted?: true;
  readonly read: (context: CompileContext) => string | number | boolean | undefined;
}

const head = ({ event }: CompileContext): { ref: string; sha: string } => event.pullRequest?.head ?? event;
const branchOf = (ref: string): string => (isTag(ref) ? "" : refName(ref));
const number = ({ event }: CompileContext): string | undefined =>
  event.pullRequest?.number.toString() ?? issueText(event, "number");
const title = ({ event }: CompileContext): string | undefined =>
  event.pullRequest?.title ?? issueText(event, "title") ?? textAt(event.payload, "release", "name");
const body = ({ event }: CompileContext): string | undefined =>
  textAt(event.payload, "pull_request", "body") ?? issueText(event, "body") ?? textAt(event.payload, "release", "body");
const issueText = (event: Event, key: string): string | undefined => textAt(event.payload, "issue", key);

/**
 * What templates can say about the event and the run: `{{ issue_title }}`, `${head_sha}`. A field that the event does
 * not have is empty. Outside text is never pasted into a command.
 */
export const fields: Readonly<Record<string, Field>> = {
  sha: { meaning: "The commit that runs.", trusted: true, read: ({ event }) => event.sha },
  short_sha: { meaning: "Its first 8 characters.", trusted: true, read: ({ event }) => event.sha.slice(0, 8) },
  head_sha: {
    meaning: "The newest commit of the pull request; otherwise `sha`.",
    trusted: true,
    read: (context) => head(context).sha,
  },
  base_sha: {
    meaning: "The base commit of the pull request.",
    trusted: true,
    read: ({ event }) => event.pullRequest?.base.sha,
  },
  before_sha: { meaning: "The branch's commit before the push.", trusted: true, read: ({ event }) => event.before },
  ref: { meaning: "The full ref, as in `refs/heads/main`.", read: ({ event }) => event.ref },
  ref_name: { meaning: "The ref's short name.", read: ({ event }) => refName(event.ref) },
  branch: {
    meaning: "The branch; for a pull request its source branch.",
    read: (context) => branchOf(head(context).ref),
  },
  head_branch: { meaning: "The same as `branch`.", read: (context) => branchOf(head(context).ref) },
  base_branch: {
    meaning: "The pull request's target branch.",
    read: ({ event }) => (event.pullRequest === undefined ? undefined : refName(event.pullRequest.base.ref)),
  },
  default_branch: { meaning: "The repository's default branch.", read: ({ event }) => event.repository.defaultBranch },
  tag: {
    meaning: "The tag, if one was pushed.",
    read: ({ event }) => (isTag(event.ref) ? refName(event.ref) : undefined),
  },
  event: { meaning: "The kind of event: `push`, `pull_request` …", trusted: true, read: ({ event }) => event.kind },
  action: {
    meaning: "What happened to the pull request, issue or release: `opened` …",
    read: ({ event }) => event.action,
  },
  repository: { meaning: "`owner/name`.", read: ({ event }) => event.repository.name },
  repository_owner: {
    meaning: "The part before the slash.",
    read: ({ event }) => event.repository.name.split("/").slice(0, -1).join("/"),
  },
  repository_name: {
    meaning: "The part after the slash.",
    read: ({ event }) => event.repository.name.split("/").at(-1),
  },
  repository_url: { meaning: "The repository's web page.", read: ({ event }) => event.repository.url },
  clone_url: { meaning: "The URL to clone with git.", read: ({ event }) => event.repository.cloneUrl },
  sender: { meaning: "The user who pushed or started the run.", read: ({ event }) => event.sender.login },
  commit_message: { meaning: "The commit's whole message.", read: ({ event }) => event.commit?.message },
  commit_title: { meaning: "Its first line.", read: ({ event }) => event.commit?.message.split("\n")[0] },
  commit_author: {
    meaning: "The commit's author.",
    read: ({ event }) => event.commit?.author.name ?? event.commit?.author.login,
  },
  commit_author_email: { meaning: "The author's email address.", read: ({ event }) => event.commit?.author.email },
  commit_timestamp: { meaning: "The commit's time.", read: ({ event }) => event.commit?.timestamp },
  number: { meaning: "The number of the pull request or issue.", trusted: true, read: number },
  title: { meaning: "The title of the pull request, issue or release.", read: title },
  body: { meaning: "Its text.", read: body },
  pr_number: { meaning: "The pull request's number.", trusted: true, read: ({ event }) => event.pullRequest?.number },
  pr_title: { meaning: "Its title.", read: ({ event }) => event.pullRequest?.title },
  pr_body: { meaning: "Its text.", read: ({ event }) => textAt(event.payload, "pull_request", "body") },
  pr_author: {
    meaning: "The user who opened it.",
    read: ({ event }) => textAt(event.payload, "pull_request", "user", "login"),
  },
  pr_url: { meaning: "Its page.", read: ({ event }) => textAt(event.payload, "pull_request", "html_url") },
  pr_draft: { meaning: "`true` for a draft.", trusted: true, read: ({ event }) => event.pullRequest?.draft },
  pr_labels: { meaning: "Its labels, joined by commas.", read: ({ event }) => event.pullRequest?.labels?.join(",") },
  issue_number: { meaning: "The issue's number.", trusted: true, read: ({ event }) => issueText(event, "number") },
  issue_title: { meaning: "Its title.", read: ({ event }) => issueText(event, "title") },
  issue_body: { meaning: "Its text.", read: ({ event }) => issueText(event, "body") },
  issue_author: {
    meaning: "The user who opened it.",
    read: ({ event }) => textAt(event.payload, "issue", "user", "login"),
  },
  issue_url: { meaning: "Its page.", read: ({ event }) => issueText(event, "html_url") },
  comment_body: { meaning: "The comment's text.", read: ({ event }) => textAt(event.payload, "comment", "body") },
  comment_author: {
    meaning: "The user who wrote it.",
    read: ({ event }) => textAt(event.payload, "comment", "user", "login"),
  },
  release_name: { meaning: "The release's name.", read: ({ event }) => textAt(event.payload, "release", "name") },
  release_body: { meaning: "Its text.", read: ({ event }) => textAt(event.payload, "release", "body") },
  schedule: { meaning: "The cron line that fired.", read: ({ event }) => event.schedule },
  run_id: { meaning: "The run's id.", trusted: true, read: ({ run }) => run.id },
  run_number: { meaning: "The run's number in its repository.", trusted: true, read: ({ run }) => run.number },
  run_attempt: { meaning: "1, plus one for every re-run.", trusted: true, read: ({ run }) => run.attempt },
  run_url: { meaning: "The run's page, if there is a server.", read: ({ run }) => run.url },
  server_url: { meaning: "The server's address.", read: ({ serverUrl }) => serverUrl },
};

/** Every field's value for an event; characters that a variable cannot hold are removed. */
export function readFields(context: CompileContext): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(fields).map(([name, field]) => [name, String(field.read(context) ?? "").replaceAll("\0", "")]),
  );
}

/** Placeholders for lint, which has no event. */
export function sampleFields(): ReadonlyMap<string, string> {
  return new Map(Object.entries(fields).map(([name, { trusted }]) => [name, trusted === true ? "0" : unknownText]));
}

function textAt(from: Json, ...path: readonly string[]): string | undefined {
  let value: Json | undefined = from;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
