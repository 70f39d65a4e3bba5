import { isTag, refName, type Event } from "../../model/index.ts";
import type { CompileContext } from "../port.ts";

/** The events of Woodpecker's filters. */
export const woodpeckerEvents = [
  "push",
  "pull_request",
  "pull_request_closed",
  "pull_request_metadata",
  "tag",
  "release",
  "deployment",
  "cron",
  "manual",
] as const;
export type WoodpeckerEvent = (typeof woodpeckerEvents)[number];

/** What filters are matched against, besides the variables. */
export interface Metadata {
  readonly event: WoodpeckerEvent;
  readonly repository: string;
  readonly ref: string;
  /** The branch; for a pull request its target branch; empty for a tag. */
  readonly branch: string;
  readonly tag: string;
  readonly message: string;
  /** Absent if unknown. */
  readonly changedFiles?: readonly string[];
  /** The line or name of the schedule that fired. */
  readonly cron: string;
  /** The server's host name. */
  readonly instance: string;
  /** False without a server (`sluice run`). */
  readonly onServer: boolean;
}

/** Woodpecker's name of the event; undefined if it has none. */
export function woodpeckerEvent(event: Event): WoodpeckerEvent | undefined {
  switch (event.kind) {
    case "push":
      return isTag(event.ref) ? "tag" : "push";
    case "pull_request":
      return pullRequestEvent(event.action);
    case "schedule":
      return "cron";
    case "manual":
    case "release":
    case "deployment":
      return event.kind;
    default:
      return undefined;
  }
}

/** New commits are `pull_request`, its end `pull_request_closed`, any other change `pull_request_metadata`. */
function pullRequestEvent(action: string | undefined): WoodpeckerEvent {
  if (action === "closed" || action === "merged") return "pull_request_closed";
  const commits = action === undefined || ["opened", "reopened", "synchronize", "synchronized"].includes(action);
  return commits ? "pull_request" : "pull_request_metadata";
}

export function isPullRequest(event: WoodpeckerEvent): boolean {
  return event.startsWith("pull_request");
}

export function metadataOf(event: WoodpeckerEvent, { event: source, run, serverUrl }: CompileContext): Metadata {
  return {
    event,
    repository: source.repository.name,
    ref: source.ref,
    branch: branchOf(source),
    tag: isTag(source.ref) ? refName(source.ref) : "",
    message: source.commit?.message ?? "",
    ...(source.changedFiles === undefined ? {} : { changedFiles: source.changedFiles }),
    cron: source.schedule ?? "",
    instance: hostOf(serverUrl),
    onServer: run.url !== undefined,
  };
}

function branchOf(event: Event): string {
  if (event.pullRequest !== undefined) return refName(event.pullRequest.base.ref);
  if (isTag(event.ref)) return "";
  return refName(event.ref);
}

/** Host and port of a URL; the text itself if it is not one. */
export function hostOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/?#]*)/i.exec(url)?.[1] ?? url;
}

/** `[skip ci]` or `[ci skip]` in the message of a push or pull request. */
export function skipsItself(event: WoodpeckerEvent, message: string): boolean {
  return (event === "push" || isPullRequest(event)) && /\[(?:ci *skip|skip *ci)\]/i.test(message);
}
