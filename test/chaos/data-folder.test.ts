import { readFile, readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";

describe.concurrent("the data folder", () => {
  it("is one server's: a second one exits with a clear message, and the first continues", async () => {
    await using place = await Installation.start();
    const steps = place.witness("steps");
    const files = {
      ".github/workflows/ci.yml": `on: push\njobs: { a: { runs-on: host, steps: [{ run: 'echo step >> ${steps.path}' }] } }\n`,
    };
    const second = place.program("server", "--data", place.data, "--listen", "127.0.0.1:0");
    expect(await second.ended()).toBe(2);
    expect(second.said).toContain(`Another server is using the data folder ${place.data}. [data-locked]`);
    expect(second.said).toMatch(/help: .*use another folder/);
    expect(second.said).not.toMatch(/listens on|token|\bat .*\.js:\d+/);
    expect(place.server.running).toBe(true);
    expect((await place.endOf(await place.push("mine", files))).status).toBe("success");
    // The lock goes with its process, also when that is killed.
    await place.server.kill();
    await place.startServer();
    expect((await place.endOf(await place.push("mine", files))).status).toBe("success");
    expect(steps.lines).toEqual(["step", "step"]);
  });

  it.each(["embedded", "separate"])(
    "may have spaces, quotes and letters of any kind in its name, with a runner that is %s",
    async (where) => {
      await using place = await Installation.start({
        folder: `it's "a" dätä $(folder) 文件夹 %41`,
        config: { runner: { embedded: where === "embedded", labels: ["host"] } },
      });
      if (where === "separate") await place.startRunner("ann");
      const files = place.witness("seen");
      const workflow = {
        "src/a file.txt": "content\n",
        ".github/workflows/ci.yml": `
on: push
jobs:
  make:
    runs-on: host
    outputs: { cached: "\${{ steps.cache.outputs.cache-hit }}" }
    steps:
      - uses: actions/checkout@v4
      - id: cache
        uses: actions/cache@v4
        with: { path: dir with space, key: "a key" }
      - run: |
          test "$PWD" = "$GITHUB_WORKSPACE"
          mkdir -p "dir with space"
          echo cached > "dir with space/it's"
          cat "src/a file.txt" > "out put.txt"
          echo "NAME=value" >> $GITHUB_ENV
          echo "answer=42" >> $GITHUB_OUTPUT
        id: make
      - run: test "$NAME" = value -a "\${{ steps.make.outputs.answer }}" = 42
      - uses: actions/upload-artifact@v4
        with: { name: "the result", path: "out put.txt" }
  take:
    needs: make
    runs-on: host
    steps:
      - uses: actions/download-artifact@v4
        with: { name: "the result" }
      - shell: python
        run: |
          import os
          open(os.environ["SEEN"], "a").write(open("out put.txt").read() + "hit \${{ needs.make.outputs.cached }}\\n")
        env: { SEEN: ${JSON.stringify(files.path)} }
`,
        ".woodpecker.yml":
          "when: { event: push }\nsteps: [{ name: read, image: bash, commands: ['cat \"src/a file.txt\"'] }]\n",
        ".sluice/ci.yml":
          "triggers: [push]\nruns_on: [host]\nsteps: [{ type: checkout }, { type: run_command, command: 'cat \"src/a file.txt\"' }, { type: upload_artifact, path: [src], artifact: native }]\n",
      };
      const first = await place.endOf(await place.push("path", workflow));
      expect(first.jobs.map((job) => [job.name, job.status, job.reason])).toEqual(
        first.jobs.map((job) => [job.name, "success", undefined]),
      );
      expect(first.jobs).toHaveLength(4);
      expect(first.artifacts.map((artifact) => artifact.name).toSorted()).toEqual(["native", "the result"]);
      const second = await place.endOf(await place.push("path", { "other.txt": "x" }));
      expect(second.status).toBe("success");
      for (const program of place.running) {
        program.signal("SIGTERM");
        expect(await program.ended()).toBe(0);
      }
      expect(await readdir(place.temporary)).toEqual([]);
      expect(await readFile(files.path, "utf8")).toMatch(/^content\nhit (false)?\ncontent\nhit true\n$/);
    },
  );
});
