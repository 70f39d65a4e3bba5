import { describe, expect, it } from "vitest";
import { configSchema } from "../../config/index.ts";
import { jobUser } from "./user.ts";

/** Whom jobs run as under a `runner` of the configuration, when the server has this uid. */
async function user(runner: Readonly<Record<string, unknown>>, own: number): ReturnType<typeof jobUser> {
  return jobUser(configSchema.parse({ runner }).runner, own);
}

describe("the user that runs jobs", () => {
  it("is nobody if the server is root and no other user is named or exists for it", async () => {
    const found = await user({}, 0);
    expect(found?.uid).toBeGreaterThan(0);
    expect(["sluice-runner", "nobody", undefined]).toContain(found?.name);
  });

  it("is the one that is named, with what the machine knows of it, or just these numbers", async () => {
    expect(await user({ user: "daemon" }, 0)).toMatchObject({ name: "daemon", uid: 1 });
    expect(await user({ user: 1 }, 0)).toMatchObject({ name: "daemon", uid: 1 });
    expect(await user({ user: "4294000000" }, 0)).toEqual({ uid: 4_294_000_000, gid: 4_294_000_000 });
    // A group of one's own choice: the user's other groups are none of the job's.
    expect(await user({ user: "1:4343" }, 0)).toEqual({ uid: 1, gid: 4343, home: expect.any(String) });
  });

  it("is root only if configured, by name or number", async () => {
    expect(await user({ user: "root" }, 0)).toBeUndefined();
    expect(await user({ user: 0 }, 0)).toBeUndefined();
    expect(await user({ user: "0:0" }, 0)).toBeUndefined();
  });

  it("is the server's own user when that is not root, or when nothing is run", async () => {
    expect(await user({}, 1000)).toBeUndefined();
    expect(await user({ user: 1000 }, 1000)).toBeUndefined();
    expect(await user({ user: "daemon" }, 1)).toBeUndefined();
    expect(await user({ backend: "dummy" }, 0)).toBeUndefined();
  });

  it("cannot be another user if the server is not root, nor an unknown user", async () => {
    await expect(user({ user: "daemon" }, 1000)).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining("runner.user is daemon"),
    });
    await expect(user({ user: "root" }, 1000)).rejects.toMatchObject({ code: "config-invalid" });
    await expect(user({ user: "no-such-user" }, 0)).rejects.toMatchObject({
      code: "config-invalid",
      message: "runner.user is no-such-user, but that user does not exist.",
    });
  });

  it.each(["-x", "a b", "a:b", "1000:", ":1", "--help", "../x", "", "1".repeat(11), -1, 1.5])("is not %j", (name) => {
    expect(configSchema.safeParse({ runner: { user: name } }).success).toBe(false);
  });
});
