import type { z } from "zod";
import type { Json, RetryPolicy } from "../../model/index.ts";
import { type Codec, codec, type NewMessage } from "../../store/index.ts";

/** A kind of message: its content, what it waits for, and how its delivery is retried. */
export interface Topic<B> {
  /** In its stored form. */
  readonly name: string;
  readonly body: Codec<B>;
  /**
   * A policy without `attempts` retries forever. A failure that passes by itself (the storage is full, a server is
   * unavailable) never counts as the last.
   */
  readonly retry: RetryPolicy;
  /** After this many failures, later messages of its key no longer wait for it. */
  readonly holds: number;
  /** The message to store with a commit. */
  message(body: B): NewMessage;
}

/** Retried forever, in order: internal steps that must happen, and fail only while the database does. */
const untilDone = { first: 200, factor: 2, longest: 30_000 } satisfies RetryPolicy;

/**
 * Defines a topic. Messages with the same key are delivered one after the other; without a key they wait for no other.
 */
export function topic<B extends Json>(options: {
  readonly name: string;
  readonly body: z.ZodType<B>;
  readonly key?: (body: B) => string;
  readonly retry?: RetryPolicy;
  readonly holds?: number;
}): Topic<B> {
  const { name, key, retry = untilDone, holds = Number.POSITIVE_INFINITY } = options;
  const body = codec<B>({ name: `messages of the topic ${name}`, schema: options.body });
  return {
    name,
    body,
    retry,
    holds,
    message: (content) => ({
      topic: name,
      body: body.encode(content),
      ...(key === undefined ? {} : { key: key(content) }),
    }),
  };
}
