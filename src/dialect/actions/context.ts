import { isJsonObject, isTag, refName, type Event, type Json, type JsonObject } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";
import { eventNames } from "./trigger.ts";

/**
 * The `github` context of a run, except what only the runner knows (`workspace`, `action`, `token` …):
 * https://docs.github.com/actions/reference/workflows-and-actions/contexts#github-context
 */
export function githubContext(
  workflow: { readonly path: string; readonly name: string },
  context: CompileContext,
  inputs: Readonly<Record<string, string>>,
): Readonly<Record<string, Json>> {
  const { event, run } = context;
  const repository = event.repository.name;
  const owner = repository.includes("/") ? repository.slice(0, repository.indexOf("/")) : "";
  const server = context.serverUrl.replace(/\/+$/, "");
  const payload = payloadOf(event, inputs);
  const repositoryPayload = payload["repository"];
  return {
    event_name: eventNames[event.kind],
    event: payload,
    ref: event.ref,
    ref_name: refName(event.ref),
    ref_type: isTag(event.ref) ? "tag" : "branch",
    ref_protected: false,
    sha: event.sha,
    head_ref: withoutHeads(event.pullRequest?.head.ref ?? ""),
    base_ref: withoutHeads(event.pullRequest?.base.ref ?? ""),
    actor: event.sender.login,
    actor_id: event.sender.id ?? "",
    triggering_actor: event.sender.login,
    repository,
    repository_id: idOf(repositoryPayload),
    repository_owner: owner,
    repository_owner_id: isJsonObject(repositoryPayload) ? idOf(repositoryPayload["owner"]) : "",
    repositoryUrl: event.repository.cloneUrl,
    run_id: run.id,
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    retention_days: "90",
    secret_source: "Actions",
    workflow: workflow.name,
    workflow_ref: `${repository}/${workflow.path}@${event.ref}`,
    workflow_sha: event.sha,
    server_url: server,
    api_url: `${server}/api/v1`,
    graphql_url: `${server}/api/graphql`,
  };
}

/** The workflow's part of the `job` context; the runner adds the rest. */
export function jobContext(path: string, github: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return {
    workflow_ref: github["workflow_ref"] ?? "",
    workflow_sha: github["workflow_sha"] ?? "",
    workflow_repository: github["repository"] ?? "",
    workflow_file_path: path,
  };
}

/** Names of the context that every step's process gets as `GITHUB_*`. */
const exported = [
  "actor actor_id api_url base_ref event_name graphql_url head_ref ref ref_name ref_protected ref_type repository repository_id repository_owner repository_owner_id",
  "retention_days run_attempt run_id run_number server_url sha triggering_actor workflow workflow_ref workflow_sha",
].flatMap((line) => line.split(" "));

/**
 * The variables of every step that stay the same during the run:
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function systemEnv(github: Readonly<Record<string, Json>>): Readonly<Record<string, string>> {
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    ...Object.fromEntries(exported.map((name) => [`GITHUB_${name.toUpperCase()}`, String(github[name] ?? "")])),
  };
}

/** Tells a workflow written for Gitea or Forgejo that it is not on GitHub: their runners set it, and `env` has it. */
export function forgeEnv(path: string): Readonly<Record<string, string>> {
  if (path.startsWith(".forgejo/")) return { GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true" };
  return path.startsWith(".gitea/") ? { GITEA_ACTIONS: "true" } : {};
}

/** What the event itself says, below the forge's own payload: a plain git repository sends little. */
function payloadOf(event: Event, inputs: Readonly<Record<string, string>>): JsonObject {
  const sender = { login: event.sender.login };
  const repository = {
    name: event.repository.name.replace(/^.*\//s, ""),
    full_name: event.repository.name,
    default_branch: event.repository.defaultBranch,
    clone_url: event.repository.cloneUrl,
  };
  const payload: JsonObject = {
    repository,
    sender,
    ...ofKind(event),
    ...(event.action === undefined ? {} : { action: event.action }),
    ...event.payload,
  };
  return event.kind === "manual" ? { ...payload, inputs } : payload;
}

function ofKind(event: Event): JsonObject {
  const { commit, pullRequest } = event;
  if (event.kind === "push") {
    const head =
      commit === undefined
        ? null
        : {
            id: event.sha,
            message: commit.message,
            timestamp: commit.timestamp,
            author: { name: commit.author.name ?? commit.author.login, email: commit.author.email ?? "" },
          };
    return {
      ref: event.ref,
      before: event.before ?? "",
      after: event.sha,
      head_commit: head,
      commits: head === null ? [] : [head],
    };
  }
  if (event.kind === "pull_request" && pullRequest !== undefined) {
    const { number, title, draft = false, labels = [], head, base } = pullRequest;
    const side = (ref: string, sha: string): JsonObject => ({ ref: withoutHeads(ref), sha });
    return {
      number,
      pull_request: {
        number,
        title,
        draft,
        labels: labels.map((name) => ({ name })),
        head: { ...side(head.ref, head.sha), repo: { full_name: head.repository } },
        base: side(base.ref, base.sha),
      },
    };
  }
  if (event.kind === "schedule") return { schedule: event.schedule ?? "" };
  return event.kind === "manual" ? { ref: event.ref } : {};
}

function withoutHeads(ref: string): string {
  return ref.replace(/^refs\/heads\//, "");
}

function idOf(value: Json | undefined): string {
  const id = isJsonObject(value) ? value["id"] : undefined;
  return typeof id === "number" || typeof id === "string" ? String(id) : "";
}
