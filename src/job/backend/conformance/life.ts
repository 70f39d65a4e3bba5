import { expect } from "vitest";
import { isWithin } from "../../archive/paths.ts";
import type { Case } from "./case.ts";

/** From `open` to `close`. */
export const lifeCases: readonly Case[] = [
  {
    what: "can be prepared repeatedly, and sweeps nothing that is in use",
    check: async ({ backend, environment }) => {
      backend.prepare();
      backend.prepare();
      const path = `${environment.folders.workspace}/kept`;
      await environment.write([{ path, content: "x" }]);
      await backend.sweep();
      expect((await environment.stat([path]))[0]?.kind).toBe("file");
    },
  },
  {
    what: "opens environments that know nothing of each other",
    check: async ({ environment, open }) => {
      const other = await open();
      const path = `${environment.folders.workspace}/mine`;
      await environment.write([{ path, content: "1" }]);
      expect(await other.names(other.folders.workspace)).toEqual([]);
    },
  },
  {
    what: "reports its folders: absolute, an empty workspace, a temporary folder that needs no quotes",
    check: async ({ environment }) => {
      const { workspace, job, plain, temp, tools, home } = environment.folders;
      for (const folder of [workspace, job, plain, temp, tools, home]) expect(folder).toMatch(/^\//);
      expect(isWithin(workspace, job)).toBe(true);
      expect(isWithin(temp, plain)).toBe(true);
      expect(temp).toMatch(/^[\w./+:@%,=-]+$/);
      expect(await environment.names(workspace)).toEqual([]);
    },
  },
  {
    what: "reports its system, and has a search path and a home",
    check: async ({ environment }) => {
      expect(["Linux", "macOS", "Windows"]).toContain(environment.system.os);
      expect(environment.system.platform).toMatch(/^\w+\/\w+$/);
      expect(environment.variables["PATH"]).toMatch(/\//);
      expect(environment.variables["HOME"]).toMatch(/^\//);
    },
  },
  {
    what: "can be stopped and closed repeatedly; files stay until it is closed",
    check: async ({ environment }) => {
      const path = `${environment.folders.workspace}/a`;
      await environment.write([{ path, content: "a" }]);
      await environment.stop();
      await environment.stop();
      expect((await environment.read([path], { mostBytes: 10 }))[0]?.content?.toString()).toBe("a");
      await environment.close();
      await environment.close();
    },
  },
];
