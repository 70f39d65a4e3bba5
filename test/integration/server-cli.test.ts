import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Place, client, eventually } from "./running-server.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `sluice` from the source, in a folder. */
async function sluice(cwd: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd, env: { PATH: process.env["PATH"], NO_COLOR: "1" } },
      (error, out, err) => {
        resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err });
      },
    );
  });
}

describe("sluice server and its neighbours", () => {
  it("start, are administered and end, as scripts need it", async () => {
    await using place = await Place.create();
    await writeFile(join(place.folder, "sluice.yaml"), "listen: 127.0.0.1:0\ndata: kept\n");
    const child = spawn(process.execPath, [main, "server"], {
      cwd: place.folder,
      env: { PATH: process.env["PATH"] },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    try {
      const url = await eventually(async () => /listens on (\S+)/.exec(out)?.[1]);
      const token = await eventually(async () => /shown this once: (sluice_\S+)/.exec(out)?.[1]);
      expect((await client(url, token).get("/api/v1/session")).status).toBe(200);
      // Nothing that signs in goes where a service's journal keeps it.
      expect(out).not.toContain("/signin");

      const made = await sluice(place.folder, "token", "create", "ada", "--role", "viewer");
      expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^sluice_[A-Za-z0-9_-]{43}\n$/)]);
      expect((await client(url, made.out.trim()).get("/api/v1/session")).status).toBe(200);
      const id = /revoke (\S+)`/.exec(made.err)?.[1] ?? "";
      expect((await sluice(place.folder, "token", "list")).out).toMatch(new RegExp(`^${id} +ada +viewer`, "m"));
      expect((await sluice(place.folder, "token", "revoke", id)).code).toBe(0);
      expect((await client(url, made.out.trim()).get("/api/v1/session")).status).toBe(401);

      const bare = join(place.folder, "some app.git");
      await place.git(place.folder, "init", "--quiet", "--bare", bare);
      const unnamed = await sluice(place.folder, "repo", "add", "some app.git");
      expect([unnamed.code, unnamed.err]).toEqual([2, expect.stringContaining("[call-invalid]")]);
      expect(await sluice(place.folder, "repo", "add", "some app.git", "--name", "team/app")).toMatchObject({
        code: 0,
        out: expect.stringContaining("Attached team/app"),
      });
      expect(JSON.parse((await sluice(place.folder, "repo", "list", "--json")).out)).toMatchObject([
        { name: "team/app", cloneUrl: `${url}/git/team/app.git` },
      ]);
      expect((await sluice(place.folder, "repo", "remove", "team/app")).code).toBe(0);

      const second = await sluice(place.folder, "server");
      expect([second.code, second.err]).toEqual([2, expect.stringContaining("[data-locked]")]);
      expect((await sluice(place.folder, "doctor")).code).toBe(0);
    } finally {
      child.kill("SIGTERM");
    }
    const [code] = (await once(child, "exit")) as [number | null];
    // Where the tests run as root there is a warning before.
    expect([code, err.replace(/^warning: steps .*as root.*\n/, "")]).toEqual([
      0,
      "SIGTERM: stopping; repeat to stop at once\n",
    ]);
  });

  it("report problems with a place or a fix", async () => {
    await using place = await Place.create();
    await writeFile(join(place.folder, "sluice.yaml"), "listen: nowhere\n");
    expect(await sluice(place.folder, "server")).toMatchObject({
      code: 2,
      err: expect.stringContaining("sluice.yaml:1:9: listen: expected HOST:PORT"),
    });
    const doctor = await sluice(place.folder, "doctor", "--json");
    expect([doctor.code, JSON.parse(doctor.out)]).toEqual([
      1,
      [expect.objectContaining({ check: "configuration", state: "error" })],
    ]);
    expect(await sluice(place.folder, "runner", "--server", "http://127.0.0.1:1")).toMatchObject({ code: 2 });
    expect(
      await sluice(place.folder, "runner", "--server", "http://127.0.0.1:1", "--token", "x", "--labels", "a b"),
    ).toMatchObject({ code: 2, err: expect.stringContaining("a,b,c") });
    for (const address of ["nonsense", "ftp://ci.example", "ci.example:8420"]) {
      const wrong = await sluice(place.folder, "runner", "--server", address, "--token", "x");
      expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("write it as http://HOST:PORT")]);
    }
    const pasted = await sluice(
      place.folder,
      "repo",
      "list",
      "--server",
      "https://x:sluice_secret@ci.example",
      "--token",
      "x",
    );
    expect([pasted.code, pasted.err]).toEqual([2, expect.stringContaining("with --token")]);
    const mistyped = await sluice(place.folder, "token", "list", "--config", "/dev/null", "--data", "mistyped");
    expect([mistyped.code, mistyped.err]).toEqual([2, expect.stringMatching(/data folder .*mistyped.*--data/s)]);
    expect(await readdir(place.folder)).not.toContain("mistyped");
    expect(await sluice(place.folder, "lint", "mistyped")).toMatchObject({
      code: 2,
      err: expect.stringContaining("[not-found]"),
    });
    expect(await sluice(place.folder, "run", "--dir", "mistyped")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/folder .*mistyped does not exist/),
    });
    expect(await sluice(place.folder, "server", "--config", "mistyped.yaml")).toMatchObject({
      code: 2,
      err: expect.stringContaining("with --config"),
    });
    await mkdir(join(place.folder, "taken"));
    await writeFile(join(place.folder, "taken", "data"), "a file");
    const full = await sluice(
      place.folder,
      "doctor",
      "--config",
      "/dev/null",
      "--data",
      join(place.folder, "taken", "data", "x"),
      "--json",
    );
    expect(JSON.parse(full.out)).toContainEqual(expect.objectContaining({ check: "data folder", state: "error" }));
    const fresh = await sluice(
      place.folder,
      "doctor",
      "--config",
      "/dev/null",
      "--data",
      join(place.folder, "not", "yet"),
      "--json",
    );
    expect(JSON.parse(fresh.out)).toContainEqual(expect.objectContaining({ check: "data folder", state: "ok" }));
    expect(await readdir(place.folder)).not.toContain("not");
  });
});
