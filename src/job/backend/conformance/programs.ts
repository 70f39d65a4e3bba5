import { expect } from "vitest";
import { endOfJob } from "../port.ts";
import type { Case } from "./case.ts";

/** A step that an environment simulates, by its variables. */
function played(env: Readonly<Record<string, string>>) {
  return { env, args: [], description: { kind: "commands" as const, name: "a step", lines: ["echo hi"] } };
}

/** The programs of steps. */
export const programCases: readonly Case[] = [
  {
    what: "finds programs in absolute folders, in order of their names, and nothing that does not exist",
    needs: { executes: true },
    check: async ({ environment }) => {
      const path = environment.variables["PATH"] ?? "";
      expect(await environment.find(["no-such-program", "sh"], path)).toMatch(/^\/.*sh$/);
      expect(await environment.find(["no-such-program"], path)).toBeUndefined();
      expect(await environment.find(["sh"], "relative")).toBeUndefined();
      expect(await environment.find(["/no/such/program"], path)).toBeUndefined();
    },
  },
  {
    what: "finds nothing to execute if it executes nothing",
    needs: { executes: false },
    check: async ({ environment }) => {
      expect(await environment.find(["sh"], environment.variables["PATH"] ?? "")).toBeUndefined();
      expect(await environment.tool("git", "")).toBeUndefined();
      expect(await environment.tool("node", "")).toBeUndefined();
    },
  },
  {
    what: "runs a program in its folder with its variables, and none of the runner's",
    needs: { executes: true },
    check: async ({ environment, script }) => {
      const { folders, variables } = environment;
      await environment.makeFolder(`${folders.workspace}/d`, folders.workspace);
      process.env["SLUICE_CONFORMANCE_SECRET"] = "leaked";
      const { exit, output } = await script('echo "$A $(basename "$PWD") $SLUICE_CONFORMANCE_SECRET."', {
        cwd: `${folders.workspace}/d`,
        env: { ...variables, A: "ä b" },
      });
      expect(await exit).toMatchObject({ code: 0, stopped: false });
      expect(output()).toBe("ä b d .\n");
    },
  },
  {
    what: "keeps both streams in order, delivers every byte before the exit, and provides no input",
    needs: { executes: true },
    check: async ({ script }) => {
      const { exit, output } = await script(
        "for i in 1 2 3; do echo o$i; echo e$i >&2; done; cat; head -c 300000 /dev/zero | tr '\\0' x; echo end",
      );
      await exit;
      expect(output()).toMatch(/^o1\ne1\no2\ne2\no3\ne3\nx{300000}end\n$/);
    },
  },
  {
    what: "waits for the consumer of the output",
    needs: { executes: true },
    check: async ({ script }) => {
      let waiting = 0;
      let most = 0;
      let bytes = 0;
      const { exit } = await script("head -c 500000 /dev/zero", {
        output: async (piece) => {
          waiting += 1;
          most = Math.max(most, waiting);
          await new Promise((resolve) => setTimeout(resolve, 1));
          bytes += piece.length;
          waiting -= 1;
        },
      });
      await exit;
      expect([most, bytes]).toEqual([1, 500_000]);
    },
  },
  {
    what: "reports the exit code, and the signal that killed a program",
    needs: { executes: true },
    check: async ({ script }) => {
      expect(await (await script("exit 7")).exit).toMatchObject({ code: 7, stopped: false });
      expect(await (await script("kill -KILL $$")).exit).toMatchObject({
        code: 137,
        signal: "SIGKILL",
        stopped: false,
      });
    },
  },
  {
    what: "reports a program or folder that does not exist",
    needs: { executes: true },
    check: async ({ script }) => {
      await expect(script("true", { program: "/no/such/program" })).rejects.toMatchObject({
        name: "NotStarted",
        fault: "step",
      });
      await expect(script("true", { cwd: "/no/such/folder" })).rejects.toMatchObject({
        name: "NotStarted",
        fault: "step",
      });
    },
  },
  {
    what: "ends a program with everything it started on request: first TERM, then KILL",
    needs: { executes: true },
    check: async ({ script }) => {
      const gentle = new AbortController();
      const first = await script("trap 'echo bye; exit 3' TERM; sleep 600 & echo ready; wait", {
        signal: gentle.signal,
      });
      await expect.poll(() => first.output()).toContain("ready");
      gentle.abort();
      expect(await first.exit).toMatchObject({ code: 3, stopped: true });
      expect(first.output()).toContain("bye");
      const hard = new AbortController();
      const second = await script("trap '' TERM; echo ready; while :; do sleep 0.05; done", {
        signal: hard.signal,
        graceMs: 50,
      });
      await expect.poll(() => second.output()).toContain("ready");
      hard.abort();
      expect(await second.exit).toMatchObject({ stopped: true });
    },
  },
  {
    what: "runs programs at the same time, and ends the job's at `stop`, including those in the background",
    needs: { executes: true },
    check: async ({ environment, script }) => {
      const beat = 'while :; do echo x >> "$0"; sleep 0.02; done';
      const file = `${environment.folders.workspace}/beat`;
      await (await script(`sh -c '${beat}' ${"beat"} > /dev/null 2>&1 & echo started`)).exit;
      const running = await script("echo up; sleep 600");
      await expect.poll(() => running.output()).toContain("up");
      const size = async (): Promise<number> => (await environment.stat([file]))[0]?.size ?? 0;
      await expect.poll(size).toBeGreaterThan(0);
      await environment.stop();
      await running.exit;
      const after = await size();
      // Ten of its rounds: it would have written.
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await size()).toBe(after);
    },
  },
  {
    what: "runs a program of an image, or the image's own, in the job's folders",
    needs: { executes: true, images: true },
    check: async ({ environment, script, image }) => {
      await environment.write([{ path: `${environment.folders.workspace}/f`, content: "from the workspace\n" }]);
      const container = { image, env: {}, ports: [], volumes: [] };
      const { exit, output } = await script("cat f", { image: container, program: "sh" });
      expect(await exit).toMatchObject({ code: 0 });
      expect(output()).toBe("from the workspace\n");
    },
  },
  {
    what: "refuses images if it has none",
    needs: { images: false },
    check: async ({ environment }) => {
      const { workspace } = environment.folders;
      const { signal } = new AbortController();
      const build = { folder: workspace, file: `${workspace}/Dockerfile`, output: () => undefined, signal };
      await expect(environment.buildImage(build)).rejects.toMatchObject({ name: "NotStarted", fault: "environment" });
    },
  },
  {
    what: "simulates a step: its exit code, its memory, whether it starts",
    needs: { executes: false },
    check: async ({ script }) => {
      const fine = await script("", played({}));
      expect(await fine.exit).toEqual({ code: 0, stopped: false, quiet: true });
      expect(fine.output()).toContain("echo hi");
      expect(await (await script("", played({ STEP_EXIT_CODE: "2" }))).exit).toMatchObject({ code: 2 });
      expect(await (await script("", played({ STEP_OOM_KILLED: "true" }))).exit).toMatchObject({ outOfMemory: true });
      await expect(script("", played({ STEP_START_FAIL: "true" }))).rejects.toMatchObject({ fault: "environment" });
    },
  },
  {
    what: "ends a simulated step on request, and lets it end normally at the end of the job",
    needs: { executes: false },
    check: async ({ script }) => {
      for (const [reason, expected] of [
        [undefined, { code: 130, stopped: true }],
        [endOfJob, { code: 2, stopped: false }],
      ] as const) {
        const controller = new AbortController();
        const sleeper = played({ SLEEP: "1h", STEP_EXIT_CODE: "2" });
        const { exit } = await script("", { ...sleeper, signal: controller.signal });
        controller.abort(reason);
        expect(await exit).toMatchObject(expected);
      }
    },
  },
];
