import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { serveGit } from "./backend.ts";
import { Testbed } from "./testbed.ts";

describe("git's own program", () => {
  it("ends with its response, even if the rest of the body never comes", async () => {
    await using bed = await Testbed.create();
    const body = new PassThrough();
    body.write("0000");
    const answer = await serveGit({
      repository: bed.bare,
      service: "git-receive-pack",
      advertise: false,
      contentType: "application/x-git-receive-pack-request",
      user: "ann",
      address: "127.0.0.1",
      body,
      pushLimit: 1_000_000,
      signal: new AbortController().signal,
    });
    expect(answer.status).toBe(200);
    await buffer(answer.body);
    // It holds one of the few places for git clients until then.
    await answer.ended;
    expect(body.readableEnded).toBe(false);
  });
});
