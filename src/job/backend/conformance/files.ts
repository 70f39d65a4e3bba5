import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Environment } from "../port.ts";
import type { Case } from "./case.ts";

async function text(environment: Environment, path: string): Promise<string | undefined> {
  return (await environment.read([path], { mostBytes: 1_000_000 }))[0]?.content?.toString();
}

/** The files of an environment. */
export const fileCases: readonly Case[] = [
  {
    what: "writes files and their parent folders, over existing ones, and reads them back",
    check: async ({ environment }) => {
      const { workspace } = environment.folders;
      const paths = [`${workspace}/deep/er/ä b'\n"c`, `${workspace}/empty`];
      await environment.write(paths.map((path, index) => ({ path, content: index === 0 ? "long text" : "" })));
      await environment.write([{ path: paths[0] ?? "", content: "short" }]);
      const [first, second, none] = await environment.read([...paths, `${workspace}/none`], { mostBytes: 100 });
      expect(first).toEqual({ size: 5, content: Buffer.from("short") });
      expect(second).toEqual({ size: 0, content: Buffer.alloc(0) });
      expect(none).toBeUndefined();
    },
  },
  {
    what: "returns the size of a file that is too large, and reads no folder",
    check: async ({ environment }) => {
      const { workspace } = environment.folders;
      await environment.write([{ path: `${workspace}/d/large`, content: "x".repeat(1_000) }]);
      const found = await environment.read([`${workspace}/d/large`, `${workspace}/d`], { mostBytes: 999 });
      expect(found).toEqual([{ size: 1_000 }, undefined]);
    },
  },
  {
    what: "lists a file as itself, a folder with its sorted content, and hidden files on request",
    check: async ({ environment }) => {
      const { workspace } = environment.folders;
      for (const name of ["b/2", "b/1", "a", ".hidden/x"])
        await environment.write([{ path: `${workspace}/${name}`, content: name }]);
      const list = async (path: string, hidden: boolean): Promise<readonly string[]> =>
        (await environment.list(path, { hidden })).map(
          (entry) => `${entry.path.slice(workspace.length)}:${entry.kind}:${entry.size}`,
        );
      expect(await list(workspace, false)).toEqual([
        ":folder:0",
        "/a:file:1",
        "/b:folder:0",
        "/b/1:file:3",
        "/b/2:file:3",
      ]);
      expect(await list(workspace, true)).toContain("/.hidden/x:file:9");
      expect(await list(`${workspace}/a`, false)).toEqual(["/a:file:1"]);
      expect(await list(`${workspace}/none`, false)).toEqual([]);
      expect(await environment.names(workspace)).toEqual([".hidden", "a", "b"]);
      expect(await environment.names(`${workspace}/none`)).toEqual([]);
      const kinds = (await environment.stat([`${workspace}/a`, `${workspace}/b`, `${workspace}/c`])).map(
        (e) => e?.kind,
      );
      expect(kinds).toEqual(["file", "folder", undefined]);
    },
  },
  {
    what: "hashes files, and fails for a missing one",
    check: async ({ environment }) => {
      const path = `${environment.folders.workspace}/a`;
      await environment.write([{ path, content: "content" }]);
      expect(await environment.hash([path, path])).toEqual(
        Array.from({ length: 2 }, () => createHash("sha256").update("content").digest("hex")),
      );
      await expect(environment.hash([`${path}.none`])).rejects.toThrow(/none/);
    },
  },
  {
    what: "creates folders where allowed, and removes files and folders, also missing ones",
    check: async ({ environment }) => {
      const { workspace } = environment.folders;
      expect(await environment.makeFolder(`${workspace}/a/b`, workspace)).toBe(true);
      expect(await environment.makeFolder(`${workspace}/a/b`, workspace)).toBe(true);
      expect(await environment.makeFolder(`${workspace}/../out`, workspace)).toBe(false);
      await environment.write([{ path: `${workspace}/a/b/c`, content: "" }]);
      await environment.remove([`${workspace}/a`, `${workspace}/none`]);
      expect(await environment.names(workspace)).toEqual([]);
    },
  },
  {
    what: "follows no link that a step put in place of a file, waits for no pipe, and replaces both",
    needs: { executes: true },
    check: async ({ environment, script }) => {
      const { workspace } = environment.folders;
      await (await script("echo secret > target; ln -s target link; mkfifo pipe; mkdir folder; ln -s .. up")).exit;
      const paths = ["link", "pipe", "folder"].map((name) => `${workspace}/${name}`);
      expect(await environment.read(paths, { mostBytes: 100 })).toEqual([undefined, undefined, undefined]);
      const [followed] = await environment.read([paths[0] ?? ""], { mostBytes: 100, follow: true });
      expect(followed?.content?.toString()).toBe("secret\n");
      expect(await environment.makeFolder(`${workspace}/up/x`, workspace)).toBe(false);
      await environment.write(paths.map((path) => ({ path, content: "new" })));
      for (const path of paths) expect(await text(environment, path)).toBe("new");
      expect(await text(environment, `${workspace}/target`)).toBe("secret\n");
    },
  },
  {
    what: "lists links as links, or follows them inside a folder without cycles, and refuses one that leads out",
    needs: { executes: true },
    check: async ({ environment, script }) => {
      const { workspace } = environment.folders;
      await (await script("mkdir d; echo x > d/f; ln -s d l; ln -s .. d/circle; ln -s nowhere broken")).exit;
      const list = async (inside?: string): Promise<readonly string[]> =>
        (
          await environment.list(workspace, { hidden: true, ...(inside === undefined ? {} : { follow: { inside } }) })
        ).map((entry) => `${entry.path.slice(workspace.length + 1)}:${entry.kind}`);
      expect(await list()).toEqual([":folder", "broken:link", "d:folder", "d/circle:link", "d/f:file", "l:link"]);
      expect(await list(workspace)).toEqual([":folder", "d:folder", "d/f:file", "l:folder", "l/f:file"]);
      await expect(environment.list(workspace, { hidden: true, follow: { inside: `${workspace}/d` } })).rejects.toThrow(
        /outside of/,
      );
    },
  },
];
