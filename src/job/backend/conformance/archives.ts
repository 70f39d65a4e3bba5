import { expect } from "vitest";
import { usualLimits } from "../../archive/compressed.ts";
import { once, tarOf, type HostileEntry } from "../../archive/hostile.fixture.ts";
import type { UnpackOptions } from "../files.ts";
import type { Environment } from "../port.ts";
import type { Case } from "./case.ts";

const hostile: readonly (readonly [what: string, entries: readonly HostileEntry[], message: RegExp])[] = [
  ["a path that climbs out", [{ path: "../evil", body: "x" }], /outside/],
  ["one that climbs in the middle", [{ path: "a/../../evil", body: "x" }], /outside/],
  ["an absolute path", [{ path: "/tmp/evil", body: "x" }], /outside/],
  ["a link to the machine", [{ path: "l", type: "SymbolicLink", linkpath: "/etc/passwd" }], /link/],
  ["a link that climbs out", [{ path: "d/l", type: "SymbolicLink", linkpath: "../../x" }], /link/],
  [
    "a file through such a link",
    [
      { path: "l", type: "SymbolicLink", linkpath: ".." },
      { path: "l/evil", body: "x" },
    ],
    /link/,
  ],
  [
    "a link through a link",
    [
      { path: "x", type: "SymbolicLink", linkpath: "." },
      { path: "y", type: "SymbolicLink", linkpath: "x/.." },
    ],
    /link/,
  ],
  ["a hard link", [{ path: "h", type: "Link", linkpath: "/etc/passwd" }], /not a plain file/],
  ["a device", [{ path: "dev", type: "CharacterDevice" }], /not a plain file/],
  ["a pipe", [{ path: "fifo", type: "FIFO" }], /not a plain file/],
];

function into({ folders }: Environment, more: Partial<UnpackOptions> = {}): UnpackOptions {
  const root = `${folders.workspace}/in`;
  return { place: (path) => ({ root, path }), links: "none", ...usualLimits, ...more };
}

/** Copying trees into and out of an environment. */
export const archiveCases: readonly Case[] = [
  {
    what: "packs the given files under their names, and unpacks them again, including links and long names",
    check: async ({ environment, open }) => {
      const { workspace } = environment.folders;
      const long = `${"long name ".repeat(15)}/ü`;
      await environment.write([{ path: `${workspace}/f`, content: "content" }]);
      await environment.copyIn(
        once(
          tarOf([
            { path: "empty", type: "Directory" },
            { path: "l", type: "SymbolicLink", linkpath: "../f" },
          ]),
        ),
        into(environment, { place: (path) => ({ root: workspace, path: `in/${path}` }), links: "inside" }),
      );
      const packed = (links: boolean): AsyncIterable<Uint8Array> =>
        environment.copyOut(
          [
            { path: `${workspace}/f`, name: long },
            { path: `${workspace}/in/l`, name: "link" },
            { path: `${workspace}/in/empty`, name: "empty" },
          ],
          { links },
        );
      const other = await open();
      expect(await other.copyIn(packed(false), into(other))).toEqual({ files: 3, bytes: 14 });
      const root = `${other.folders.workspace}/in`;
      const contents = await other.read([`${root}/${long}`, `${root}/link`], { mostBytes: 100 });
      expect(contents.map((each) => each?.content?.toString())).toEqual(["content", "content"]);
      expect((await other.stat([`${root}/empty`]))[0]?.kind).toBe("folder");
      await other.copyIn(packed(true), into(other, { links: "any" }));
      expect((await other.list(`${root}/link`, { hidden: true }))[0]?.kind).toBe("link");
    },
  },
  {
    what: "fails while packing a file that does not exist",
    check: async ({ environment }) => {
      const tar = environment.copyOut([{ path: `${environment.folders.workspace}/none`, name: "n" }], { links: true });
      await expect(environment.copyIn(tar, into(environment))).rejects.toThrow(/none/);
    },
  },
  ...hostile.map(
    ([what, entries, message]): Case => ({
      what: `refuses an archive with ${what}`,
      check: async ({ environment }) => {
        for (const links of ["none", "inside"] as const)
          await expect(environment.copyIn(once(tarOf(entries)), into(environment, { links }))).rejects.toThrow(message);
        const evil = [`${environment.folders.workspace}/evil`, `${environment.folders.job}/evil`];
        expect(await environment.stat(evil)).toEqual([undefined, undefined]);
      },
    }),
  ),
  {
    what: "refuses a file that declares too large a size before writing it, and too many files",
    check: async ({ environment }) => {
      const bomb = tarOf([{ path: "bomb", size: 5_000_000, body: "x".repeat(1_000) }]);
      await expect(environment.copyIn(once(bomb), into(environment, { maxBytes: 1_000_000 }))).rejects.toThrow(
        /1000000 bytes/,
      );
      expect(await environment.stat([`${environment.folders.workspace}/in/bomb`])).toEqual([undefined]);
      const many = tarOf(Array.from({ length: 20 }, (_, index) => ({ path: `f${index}` })));
      await expect(environment.copyIn(once(many), into(environment, { maxFiles: 10 }))).rejects.toThrow(/10 entries/);
    },
  },
  {
    what: "refuses something that is not an archive, and half an archive",
    check: async ({ environment }) => {
      for (const bytes of [
        Buffer.alloc(5_000, "garbage"),
        tarOf([{ path: "a", body: "x".repeat(5_000) }]).subarray(0, 700),
      ])
        await expect(environment.copyIn(once(bytes), into(environment))).rejects.toThrow(/archive/);
    },
  },
  {
    what: "does not write through a link that a step created",
    needs: { executes: true },
    check: async ({ environment, script }) => {
      const { workspace, job } = environment.folders;
      await environment.write([{ path: `${job}/victim`, content: "safe" }]);
      await (await script("mkdir in; ln -s ../../victim in/f; ln -s ../.. in/out")).exit;
      await environment.copyIn(once(tarOf([{ path: "f", body: "new" }])), into(environment));
      await expect(
        environment.copyIn(once(tarOf([{ path: "out/victim", body: "evil" }])), into(environment)),
      ).rejects.toThrow(/outside of/);
      const found = await environment.read([`${job}/victim`, `${workspace}/in/f`], { mostBytes: 10 });
      expect(found.map((each) => each?.content?.toString())).toEqual(["safe", "new"]);
    },
  },
];
