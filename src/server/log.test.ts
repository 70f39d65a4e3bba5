import { describe, expect, it } from "vitest";
import { SluiceError } from "../model/index.ts";
import { makeToken } from "./http/identity.ts";
import { createLogger } from "./log.ts";

function logged(human: boolean, act: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  act(
    createLogger({
      level: "debug",
      human,
      write: (line) => {
        text += line;
      },
    }),
  );
  return text;
}

describe("the server's log", () => {
  it.each([true, false])("holds no secret, wherever it stands (for people: %s)", (human) => {
    const token = makeToken();
    const text = logged(human, (log) => {
      log.info(
        {
          headers: { authorization: `Bearer ${token}`, cookie: "sluice_x=abc", "set-cookie": "sluice_x=abc" },
          token: "plain",
          deep: { er: { password: "hunter2" } },
        },
        "request",
      );
      log.error(
        {
          err: new SluiceError("git-failed", `could not reach https://u:hunter2@host/ with ${token}`),
          url: "/signin?code=hunter2&to=/",
        },
        `said ${token}`,
      );
    });
    expect(text).not.toContain(token);
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("abc");
    expect(text).not.toContain('"plain"');
    expect(text).toContain("[removed]");
  });

  it("keeps error codes, and writes one line of JSON for each entry", () => {
    const lines = logged(false, (log) =>
      log.error({ err: new SluiceError("storage-full", "no space") }, "failed\nbadly"),
    ).split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      msg: "failed\nbadly",
      err: { code: "storage-full" },
    });
  });

  it("lets no control character of a hostile name reach a terminal", () => {
    const text = logged(true, (log) => log.warn({ ref: "a\u001b]0;x\u0007" }, "odd\u001b[2J\nname"));
    expect(text).toMatch(/^\d\d:\d\d:\d\d warning: odd\?\[2J name ref=a\?\]0;x\?\n$/);
  });
});
