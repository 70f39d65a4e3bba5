import { readFileSync } from "node:fs";
import {
  type Event,
  type Json,
  type JsonObject,
  SluiceError,
  isJsonObject,
  messageOf,
  refName,
} from "../../model/index.ts";
import type { EventOptions } from "./options.ts";
import type { WorkingTree } from "./tree.ts";

/** The names of events in all dialects. */
const kinds: Readonly<Record<string, Event["kind"]>> = {
  push: "push",
  tag: "push",
  pull_request: "pull_request",
  release: "release",
  issue: "issue",
  issues: "issue",
  comment: "comment",
  issue_comment: "comment",
  schedule: "schedule",
  cron: "schedule",
  manual: "manual",
  workflow_dispatch: "manual",
  deployment: "deployment",
};

/** Builds the event of a local run from the working tree, the options and the payload file. */
export function localEvent(tree: WorkingTree, options: EventOptions): Event {
  const kind = kinds[options.event];
  if (kind === undefined) {
    throw new SluiceError("call-invalid", `Unknown event "${options.event}".`, {
      help: `Use one of ${Object.keys(kinds).join(", ")}.`,
    });
  }
  const given = options.eventFile === undefined ? {} : readPayload(options.eventFile);
  const ref =
    text(given["ref"]) ??
    (options.event === "tag"
      ? "refs/tags/v0.0.0"
      : kind === "pull_request"
        ? `refs/pull/${pullNumber(given)}/merge`
        : (releaseRef(given) ?? tree.ref));
  const pullRequest = kind === "pull_request" ? localPullRequest(tree, given) : undefined;
  const inputs = inputsOf(given["inputs"], options.input);
  const action = text(given["action"]) ?? defaultActions[kind];
  const changedFiles = kind === "push" ? changedIn(given["commits"]) : undefined;
  const schedule = text(given["schedule"]);
  return {
    kind,
    ...(action === undefined ? {} : { action }),
    repository: {
      name: tree.repository,
      defaultBranch: "main",
      cloneUrl: tree.dir,
      ...(tree.url === undefined ? {} : { url: tree.url }),
    },
    ref,
    sha: tree.sha,
    ...(kind === "push" ? { before: text(given["before"]) ?? "0".repeat(40) } : {}),
    commit: {
      message: text(object(given["head_commit"])["message"]) ?? tree.message,
      author: tree.author,
      timestamp: tree.timestamp,
    },
    ...(schedule === undefined ? {} : { schedule }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(changedFiles === undefined ? {} : { changedFiles }),
    sender: tree.author,
    ...(inputs === undefined ? {} : { inputs }),
    payload: {
      ...defaultPayload(tree, kind, ref, inputs),
      ...given,
      ...(kind === "manual" && inputs !== undefined ? { inputs } : {}),
    },
  };
}

const defaultActions: Readonly<Partial<Record<Event["kind"], string>>> = {
  pull_request: "opened",
  release: "published",
  issue: "opened",
  comment: "created",
};

function localPullRequest(tree: WorkingTree, given: JsonObject): NonNullable<Event["pullRequest"]> {
  const pull = object(given["pull_request"]);
  const head = object(pull["head"]);
  const base = object(pull["base"]);
  return {
    number: pullNumber(given),
    ...(typeof pull["draft"] === "boolean" ? { draft: pull["draft"] } : {}),
    ...(Array.isArray(pull["labels"])
      ? { labels: pull["labels"].flatMap((label) => text(object(label)["name"]) ?? text(label) ?? []) }
      : {}),
    title: text(pull["title"]) ?? tree.message.split("\n")[0] ?? "",
    head: {
      ref: text(head["ref"]) ?? refName(tree.ref),
      sha: text(head["sha"]) ?? tree.sha,
      repository: tree.repository,
    },
    base: { ref: text(base["ref"]) ?? "main", sha: text(base["sha"]) ?? tree.sha },
    fork: false,
  };
}

function releaseRef(given: JsonObject): string | undefined {
  const tag = text(object(given["release"])["tag_name"]);
  return tag === undefined ? undefined : `refs/tags/${tag}`;
}

function defaultPayload(
  tree: WorkingTree,
  kind: Event["kind"],
  ref: string,
  inputs: Event["inputs"],
): Record<string, Json> {
  const [owner, name] = tree.repository.split("/");
  const sender = { login: tree.author.login, email: tree.author.email };
  const repository = {
    full_name: tree.repository,
    name: name ?? tree.repository,
    owner: { login: owner ?? "" },
    default_branch: "main",
    clone_url: tree.url ?? tree.dir,
  };
  const shared = { repository, sender };
  if (kind === "push") {
    const commit = {
      id: tree.sha,
      message: tree.message,
      timestamp: tree.timestamp,
      author: { name: tree.author.name, email: tree.author.email },
    };
    return {
      ...shared,
      ref,
      before: "0".repeat(40),
      after: tree.sha,
      pusher: { name: tree.author.name, email: tree.author.email },
      head_commit: commit,
      commits: [commit],
    };
  }
  if (kind === "manual") return { ...shared, ref, inputs: { ...inputs } };
  return shared;
}

/** The payload's inputs, overridden by those on the command line. */
function inputsOf(given: Json | undefined, options: EventOptions["input"]): Event["inputs"] {
  if (!isJsonObject(given)) return options === undefined ? undefined : { ...options };
  const texts = Object.entries(given).flatMap(([name, value]) =>
    value === null || typeof value === "object" ? [] : [[name, String(value)] as const],
  );
  return { ...Object.fromEntries(texts), ...options };
}

/** The paths listed in the payload's commits, for path filters; undefined if there are none, and then filters match. */
function changedIn(commits: Json | undefined): string[] | undefined {
  const lists = (Array.isArray(commits) ? commits : [])
    .flatMap((commit: Json) => ["added", "modified", "removed"].map((key) => object(commit)[key]))
    .filter((list) => Array.isArray(list));
  return lists.length === 0
    ? undefined
    : [...new Set(lists.flat().filter((path): path is string => typeof path === "string"))];
}

function pullNumber(given: JsonObject): number {
  const number = object(given["pull_request"])["number"] ?? given["number"];
  return typeof number === "number" ? number : 1;
}

function readPayload(file: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SluiceError("call-invalid", `Cannot read ${file} as JSON: ${messageOf(error)}`, { cause: error });
  }
  // JSON.parse returns JSON by definition; only its shape is unknown.
  const payload = parsed as Json;
  if (!isJsonObject(payload)) throw new SluiceError("call-invalid", `${file} is not a JSON object.`);
  return payload;
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
